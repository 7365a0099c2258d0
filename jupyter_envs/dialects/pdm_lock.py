"""pdm.lock: its rows name files with hashes, and the groups that need them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from packaging.utils import canonicalize_name

from ..model.requirement import Requirement
from . import pyproject
from .found import Found, Pin
from .lock_rows import PROJECT, check_number, sha256, with_project
from .placed import Place
from .project import Project
from .shapes import Table
from .toml_file import load

NAME = "pdm.lock"
DEFAULT_GROUP = "default"


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Raises InputError that says file and row."""
    data = Table(load(path), str(path))
    metadata = data.table("metadata")
    project, pins = Project(path, {canonicalize_name(name) for name in groups}), dict[Pin, None]()
    rows = [*data.tables("package")]
    check_number(rows, str(path))
    for name in metadata.texts("groups"):
        if name != DEFAULT_GROUP:
            project.group(name, ())
    for row in rows:
        named = {str(canonicalize_name(name)) for name in row.texts("groups")}
        for name in named - {DEFAULT_GROUP}:
            project.group(name, ())
        if not named or named & {DEFAULT_GROUP, *project.wanted}:
            _take_row(row, metadata.table("files"), project, pins)
    pythons = dict.fromkeys(target.text("requires_python") for target in metadata.tables("targets"))
    project.requires_python = next(iter(pythons), "") if len(pythons) == 1 else None
    lock = replace(project.found(NAME), pins=tuple(pins))
    return with_project(lock, path, PROJECT, pyproject.read, groups)


def _take_row(row: Table, listed: Table, project: Project, pins: dict[Pin, None]) -> None:
    """A package with extras has a row of its own, and one without."""
    name, marker = row.name(), row.marker()
    place = Place(row.text("git"), row.text("url"), row.text("path"), row.text("revision") or row.text("ref"),
                  row.text("subdirectory"), row.flag("editable"))  # fmt: skip
    if place.git or place.url or place.path:
        item = Requirement(name, marker=marker)
        project.requirements += project.at_place(item, place, f"{project.path.name}: {name}")
        return
    key = f"{row.text('name')} {row.text('version')}"
    files = row.tables("files") if "files" in row else listed.tables(key)
    pins[Pin(name, row.version(), marker, sha256(file.values.get("hash") for file in files))] = None
