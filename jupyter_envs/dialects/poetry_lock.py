"""poetry.lock: its rows name files with hashes, and the groups that need them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from packaging.utils import canonicalize_name

from ..model.requirement import Requirement
from . import pyproject
from .found import Found, Pin
from .lock_rows import PROJECT, check_number, for_extras, of_extra, sha256, take_registries, with_project
from .placed import Place
from .poetry_versions import python_of
from .project import Project
from .shapes import Table, marker_of
from .toml_file import load

NAME = "poetry.lock"
MAIN_GROUP = "main"


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Raises InputError that says file and row."""
    data = Table(load(path), str(path))
    wanted = {str(canonicalize_name(name)) for name in groups}
    project, pins = Project(path, wanted), list[Pin]()
    rows, metadata = [*data.tables("package")], data.table("metadata")
    check_number(rows, str(path))
    extras = {str(canonicalize_name(name)) for name in data.table("extras").values}
    places = list[tuple[str, str]]()
    known = set[str]()
    for row in rows:
        named = {str(canonicalize_name(name)) for name in row.texts("groups")} or {
            "dev" if row.text("category") == "dev" else MAIN_GROUP
        }
        known |= named - {MAIN_GROUP}
        if named & {MAIN_GROUP, *wanted}:
            _take_row(row, named & {MAIN_GROUP, *wanted}, metadata, project, pins, places)
    take_registries(places, project.indexes, path.name)
    for name in sorted(known | extras):
        project.group(name, ())
    project.requires_python = python_of(metadata.text("python-versions", "*"), metadata.where)
    lock = replace(project.found(NAME), pins=tuple(pins))
    return with_project(lock, path, PROJECT, pyproject.read, groups)


def _take_row(row: Table, named: set[str], metadata: Table, project: Project, pins: list[Pin],
              places: list[tuple[str, str]]) -> None:  # fmt: skip
    name, source = row.name(), row.table("source")
    text = _marker(row, named)
    extras = {canonicalize_name(extra) for extra in for_extras(text)}
    if row.flag("optional") and not (extras & {*project.wanted} if extras else project.wanted):
        return  # for an extra that is not taken; before 2.0, poetry did not say for which one
    text = of_extra(text, *project.wanted)
    marker = marker_of(text, f"{row.where}: markers") if text else None
    kind = source.text("type", "legacy")
    if kind == "legacy":
        places.append((name, source.text("url")))
        pins.append(Pin(name, row.version(), marker, _hashes(row, metadata)))
        return
    item = Requirement(name, marker=marker)
    url, commit = source.text("url"), source.text("resolved_reference")
    places_of = {
        "git": Place(git=url, revision=commit or source.text("reference"), subdirectory=source.text("subdirectory")),
        "url": Place(url=url, subdirectory=source.text("subdirectory")),
        "directory": Place(path=url),
        "file": Place(path=url),
    }
    if kind not in places_of:
        source.refuse("type", "one that poetry writes")
    project.requirements += project.at_place(item, places_of[kind], f"{project.path.name}: {name}")


def _marker(row: Table, named: set[str]) -> str:
    """Poetry writes one, or one for each group."""
    if not isinstance(row.values.get("markers", ""), dict):
        return row.text("markers")
    table = row.table("markers")
    texts = [table.text(key) for key in table.values if canonicalize_name(key) in named]
    everywhere = len(texts) < len(named) or "" in texts
    return "" if everywhere else " or ".join(f"({text})" for text in texts)


def _hashes(row: Table, metadata: Table) -> frozenset[str]:
    """Before 1.3, poetry listed files at the end, by name."""
    files = row.tables("files") if "files" in row else metadata.table("files").tables(row.text("name"))
    return sha256(file.values.get("hash") for file in files)
