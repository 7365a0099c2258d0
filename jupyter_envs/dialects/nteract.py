"""nteract: lists for uv and conda in the notebook's metadata, in `runt`, or at the top as older versions wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from .cells import Content, metadata_of
from .conda_specs import channel_of, checked_spec, with_conda
from .found import Found
from .tool_uv import listed, refuse, table

NAME = "nteract"
UV = ("dependencies", "requires-python", "prerelease")
CONDA = ("dependencies", "channels", "python")


def read_in(content: Content, base: Path | None = None) -> Found | None:
    """Raises InputError that says the key."""
    metadata = metadata_of(content)
    runt = metadata.get("runt")
    where, place = ("metadata.runt", runt) if isinstance(runt, Mapping) else ("metadata", metadata)
    uv, conda = place.get("uv"), place.get("conda")
    if where == "metadata":
        uv, conda = (part if _is_list(part) else None for part in (uv, conda))
    if uv is None and conda is None:
        return None
    by_pip = table(uv if uv is not None else {}, f"{where}.uv")
    by_conda = table(conda if conda is not None else {}, f"{where}.conda")
    notes = [f"{where}.uv.{key} is not taken over." for key in sorted(map(str, by_pip.keys() - {*UV}))]
    notes += [f"{where}.conda.{key} is not taken over." for key in sorted(map(str, by_conda.keys() - {*CONDA}))]
    channels, specs = _conda(by_conda, f"{where}.conda")
    found = Found(
        NAME,
        where,
        requires_python=_python(by_pip, by_conda, where),
        requirements=listed(by_pip.get("dependencies", []), f"{where}.uv.dependencies"),
        prerelease=by_pip.get("prerelease") == "allow",
        notes=tuple(notes),
    )
    python = found.requires_python
    found = with_conda(found, channels, specs)
    found = replace(found, requires_python=python or found.requires_python)
    return None if found.empty and not notes else found


def _is_list(part: object) -> bool:
    return isinstance(part, Mapping) and "dependencies" in part


def _texts(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        refuse(where, "is not a list of texts")
    return tuple(value)


def _conda(part: Mapping[str, Any], where: str) -> tuple[list[str], list[str]]:
    """Its channels, and what they have to give."""
    channels = _texts(part.get("channels", []), f"{where}.channels")
    specs = _texts(part.get("dependencies", []), f"{where}.dependencies")
    return (
        [channel_of(text, f"{where}.channels[{i}]") for i, text in enumerate(channels)],
        [checked_spec(text, f"{where}.dependencies[{i}]") for i, text in enumerate(specs)],
    )


def _python(uv: Mapping[str, Any], conda: Mapping[str, Any], where: str) -> str | None:
    asked, version = uv.get("requires-python"), conda.get("python")
    if asked is not None and not isinstance(asked, str):
        refuse(f"{where}.uv.requires-python", "is not text")
    if version is not None and not isinstance(version, str):
        refuse(f"{where}.conda.python", "is not text")
    if asked or not version:
        return asked or None
    return f"=={version}.*" if version[0].isdigit() and "*" not in version else version
