"""jupyterlab-requirements (Thoth): a Pipfile and its lock, as texts of JSON in the notebook's metadata."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.markers import InvalidMarker, Marker
from packaging.utils import canonicalize_name

from ..errors import InputError
from ..model.requirement import Requirement
from ..system import strict_json
from .cells import Content, metadata_of
from .found import Found, FoundIndex, Pin, is_pypi
from .text_file import MOST
from .tool_uv import refuse, requirement, table

NAME = "jupyterlab-requirements"
LIST, LOCK = "requirements", "requirements_lock"
KNOWN = {"packages", "requires", "sources", "source"}
PLACES = ("git", "hg", "svn", "bzr", "path", "file", "editable")
MARKERS = ("sys_platform", "os_name", "python_version", "python_full_version", "platform_machine", "platform_system")


def read_in(content: Content, base: Path | None = None) -> Found | None:
    """Raises InputError that says the key."""
    metadata = metadata_of(content)
    if not isinstance(metadata.get(LIST), str):
        return None
    where = f"metadata.{LIST}"
    value = _json(metadata[LIST], where)
    packages = table(value.get("packages", {}), f"{where}: packages")
    asked = table(value.get("requires", {}), f"{where}: requires").get("python_version")
    locked = metadata.get(LOCK)
    lock = _json(locked, f"metadata.{LOCK}") if isinstance(locked, str) and locked.strip() else {}
    indexes = tuple(_indexes(value.get("sources") or value.get("source") or [], where))
    taken = {str(canonicalize_name(name)): row["index"] for name, row in packages.items()
             if isinstance(row, Mapping) and isinstance(row.get("index"), str)}  # fmt: skip
    foreign = {index.name for index in indexes if not is_pypi(index.url)}
    described = {index.name for index in indexes} or {"pypi"}  # old notebooks describe none
    left = [key for key in sorted(value.keys() - KNOWN) if value[key]]
    return Found(
        NAME,
        where,
        requires_python=f"=={asked}.*" if isinstance(asked, str) and asked else None,
        requirements=tuple(_requirement(name, row, f"{where}: packages.{name}") for name, row in packages.items()),
        pins=tuple(_pins(lock, f"metadata.{LOCK}")),
        indexes=tuple(index for index in indexes if index.name in foreign),
        taken_from={name: index for name, index in taken.items() if index in foreign or index not in described},
        notes=tuple(f"{where}: {key} is not taken over." for key in left),
    )


def _json(text: str, where: str) -> Mapping[str, Any]:
    if len(text) > MOST:
        refuse(where, f"is larger than {MOST >> 20} MB")
    try:
        return table(strict_json.loads(text, what=where), where)
    except InputError as error:
        raise InputError(
            "foreign-file", f"{where}: {error.sentence}" if where not in error.sentence else error.sentence
        ) from None


def _indexes(rows: object, where: str) -> Iterator[FoundIndex]:
    for i, row in enumerate(rows if isinstance(rows, list) else refuse(f"{where}: sources", "is not a list")):
        at = f"{where}: sources[{i}]"
        url = table(row, at).get("url")
        if not isinstance(url, str):
            refuse(f"{at}.url", "is not text")
        yield FoundIndex(str(row.get("name", "")), url, i == 0, at)


def _requirement(name: str, row: object, where: str) -> Requirement:
    """An entry of a Pipfile."""
    if isinstance(row, str):
        return requirement(f"{name}{'' if row == '*' else row}", where)
    entry = table(row, where)
    if place := next((key for key in PLACES if key in entry), None):
        refuse(where, f"comes from a place ({place}) that cannot be taken over from a notebook")
    extras = entry.get("extras") or []
    version = entry.get("version", "*")
    if not isinstance(version, str) or not isinstance(extras, list) or not all(isinstance(e, str) for e in extras):
        refuse(where, "is not an entry of a Pipfile")
    marks = [f"({entry['markers']})"] if isinstance(entry.get("markers"), str) else []
    marks += [f"{key} {entry[key]}" for key in MARKERS if isinstance(entry.get(key), str)]
    text = name + (f"[{','.join(extras)}]" if extras else "") + ("" if version == "*" else version)
    return requirement(text + (f" ; {' and '.join(marks)}" if marks else ""), where)


def _pins(lock: Mapping[str, Any], where: str) -> Iterator[Pin]:
    for name, raw in table(lock.get("default", {}), f"{where}: default").items():
        at = f"{where}: default.{name}"
        row = table(raw, at)
        version, hashes, marker = row.get("version"), row.get("hashes", []), row.get("markers")
        if not isinstance(version, str) or not version.startswith("=="):
            continue
        if not isinstance(hashes, list):
            refuse(f"{at}.hashes", "is not a list")
        yield Pin(
            str(canonicalize_name(name)),
            version.lstrip("="),
            _marker(marker, at) if isinstance(marker, str) else None,
            frozenset(text[7:] for text in hashes if isinstance(text, str) and text.startswith("sha256:")),
        )


def _marker(text: str, where: str) -> Marker:
    try:
        return Marker(text)
    except (InvalidMarker, RecursionError):
        refuse(f"{where}.markers", "is not a condition")
