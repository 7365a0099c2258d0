"""Pipfile.lock: versions, and hashes that do not say of which file they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from packaging.utils import canonicalize_name

from . import pipfile
from .found import Found, Pin
from .json_file import load
from .lock_rows import check_number, sha256, with_project
from .project import Project
from .shapes import Table

NAME = "Pipfile.lock"
BESIDE = "Pipfile"


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Raises InputError that says file and key."""
    data = Table(load(path), str(path))
    project, pins = Project(path, {canonicalize_name(name) for name in groups}), dict[str, Pin]()
    meta = data.table("_meta")
    first = pipfile.take_sources(meta, "sources", project)
    project.requires_python = pipfile.python_of(meta.table("requires"))
    for section in data.values:
        if section == "_meta":
            continue
        group = "" if section == "default" else canonicalize_name(pipfile.group_of(section))
        if group:
            project.group(group, ())
        if not group or group in project.wanted:
            _take_section(data.table(section), project, first, pins)
    lock = replace(project.found(NAME), pins=tuple(pins.values()))
    return with_project(lock, path, BESIDE, pipfile.read, groups)


def _take_section(table: Table, project: Project, first: str, pins: dict[str, Pin]) -> None:
    check_number(table.values, table.where)
    for key, row in table.named():
        name = Table({"name": key}, row.where).name()
        version = row.text("version")
        if not version:
            project.requirements += pipfile.take_entry(name, row, project, first)
            continue
        pipfile.take_entry(name, row, project, first)
        if version == "*":
            project.note(
                f"{project.path.name}: {name} has no version: pipenv did not lock it on the system where it ran "
                f"({row.text('markers') or 'without a condition'})."
            )
            continue
        text = version.removeprefix("==")
        pins.setdefault(name, Pin(name, Table({"version": text}, row.where).version(), row.marker("markers"),
                                  sha256(row.texts("hashes"))))  # fmt: skip
