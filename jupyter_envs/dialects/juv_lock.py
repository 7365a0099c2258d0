"""The uv.lock that juv keeps in a notebook's metadata: its versions and hashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from packaging.markers import InvalidMarker, Marker
from packaging.utils import canonicalize_name

from .found import Found, FoundIndex, Pin
from .text_file import MOST
from .toml_file import loads
from .tool_uv import is_pypi, refuse, table

VERSION = 1
SHA256 = "sha256:"


def with_lock(found: Found, text: object, where: str) -> Found:
    """Raises InputError."""
    if not isinstance(text, str) or len(text) > MOST:
        refuse(where, f"is not text of at most {MOST >> 20} MB")
    value = loads(text, where)
    if value.get("version") != VERSION:
        refuse(where, f"has the version {str(value.get('version'))[:20]}, and only {VERSION} is known")
    rows = value.get("package", [])
    pins, notes, origins = list[Pin](), list[str](), dict[str, str]()
    for i, raw in enumerate(rows if isinstance(rows, list) else refuse(f"{where}: package", "is not a list")):
        at = f"{where}: package[{i}]"
        row = table(raw, at)
        name, version = row.get("name"), row.get("version")
        source = table(row.get("source", {}), f"{at}.source")
        if not isinstance(name, str):
            refuse(at, "has no name")
        if not isinstance(version, str) or not isinstance(source.get("registry"), str):
            notes.append(f"{where}: the version of {name} is left out: it comes from no index.")
            continue
        pins.append(Pin(str(canonicalize_name(name)), version, _marker(row, at), _hashes(row)))
        if not is_pypi(source["registry"]):
            origins[str(canonicalize_name(name))] = source["registry"]
    known = {index.url: index.name for index in found.indexes}
    more = tuple(FoundIndex(url, url, False, where) for url in dict.fromkeys(origins.values()) if url not in known)
    taken = {name: known.get(url) or url for name, url in origins.items()}
    return replace(
        found,
        pins=tuple(pins),
        indexes=(*found.indexes, *more),
        taken_from={**taken, **found.taken_from},
        notes=(*found.notes, *notes),
    )


def _marker(row: Mapping[str, Any], where: str) -> Marker | None:
    texts = row.get("resolution-markers")
    if texts is None:
        return None
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts) or not texts:
        refuse(f"{where}.resolution-markers", "is not a list of conditions")
    try:
        return Marker(" or ".join(f"({text})" for text in texts))
    except (InvalidMarker, RecursionError):
        refuse(f"{where}.resolution-markers", "is not a list of conditions")


def _hashes(row: Mapping[str, Any]) -> frozenset[str]:
    wheels = row.get("wheels")
    files = [*(wheels if isinstance(wheels, list) else ()), row.get("sdist")]
    hashes = (file.get("hash") for file in files if isinstance(file, Mapping))
    return frozenset(text[len(SHA256) :] for text in hashes if isinstance(text, str) and text.startswith(SHA256))
