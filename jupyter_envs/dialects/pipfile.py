"""Pipfile, as pipenv writes it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from packaging.utils import canonicalize_name

from ..model.requirement import Requirement
from .found import Found
from .placed import Place
from .project import Project
from .shapes import Table, marker_of
from .toml_file import load

NAME = "Pipfile"
OTHER = ("source", "requires", "scripts", "pipenv", "packages", "pipfile")
"""Tables that are no groups."""
MARKERS = (
    "os_name", "sys_platform", "platform_machine", "platform_python_implementation", "platform_release",
    "platform_system", "platform_version", "python_version", "python_full_version", "implementation_name",
    "implementation_version",
)  # fmt: skip
REPOSITORIES = ("hg", "svn", "bzr")


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Raises InputError that says file and key."""
    data = Table(load(path), str(path))
    project = Project(path, {canonicalize_name(name) for name in groups})
    first = take_sources(data, "source", project)
    project.requires_python = python_of(data.table("requires"))
    project.requirements += _section(data.table("packages"), project, first)
    for name in data.values:
        if name not in OTHER:
            project.group(group_of(name), _section(data.table(name), project, first))
    project.prerelease = data.table("pipenv").flag("allow_prereleases")
    if data.table("scripts").values:
        project.note(f"{path.name}: [scripts] is left out: a notebook has no commands.")
    return project.found(NAME)


def group_of(section: str) -> str:
    return "dev" if section in ("dev-packages", "develop") else section.removesuffix("-packages")


def take_sources(data: Table, key: str, project: Project) -> str:
    """The name of the first one: it is asked about every package, the others about those that name them."""
    first = ""
    for i, row in enumerate(data.tables(key)):
        name = row.text("name", f"source-{i + 1}")
        first = first or name
        project.indexes.add(name, row.text("url"), f"{project.path.name}: {name}", default=i == 0)
        project.indexes.pypi = False
    return first


def python_of(requires: Table) -> str | None:
    full, minor = requires.text("python_full_version"), requires.text("python_version")
    text = full or minor
    if not text or text == "*":
        return None
    if text[0] in "<>=!~":
        return text
    return f"=={text}" if text.count(".") > 1 else f"=={text}.*"


def _section(table: Table, project: Project, first: str) -> list[Requirement]:
    found = []
    for key, value in table.values.items():
        if not isinstance(value, str | dict):
            table.refuse(key, "a version or a table")
        row = Table({"version": value} if isinstance(value, str) else value, f"{table.where}: {key}")
        found += take_entry(Table({"name": key}, row.where).name(), row, project, first)
    return found


def take_entry(name: str, row: Table, project: Project, first: str) -> list[Requirement]:
    """What one row asks for, and where it comes from."""
    conditions = [f"{key} {row.text(key)}" for key in MARKERS if key in row]
    conditions = [f"({text})" for text in [row.text("markers"), *conditions] if text]
    marker = str(marker_of(" and ".join(conditions), row.where)) if conditions else ""
    extras = ",".join(row.texts("extras"))
    start, end = f"{name}{f'[{extras}]' if extras else ''}", f" ; {marker}" if marker else ""
    version = row.text("version", "*").strip()
    limits = "" if version in ("*", "") else version if version[0] in "<>=!~" else f"=={version}"
    place = _place(row)
    found = project.written([f"{start}{'' if place else limits}{end}"], row.where)
    if place:
        return [new for item in found for new in project.at_place(item, place, row.where)]
    index = row.text("index")
    if index and index != first:
        if index not in project.indexes.known:
            row.refuse("index", "the name of a source of this file")
        project.indexes.take(name, index, row.where)
    return found


def _place(row: Table) -> Place | None:
    for kind in REPOSITORIES:
        if kind in row:
            row.refuse(kind, "a kind of repository that a notebook can name: only git is")
    url, path = row.text("file"), row.text("path")
    if url and "://" not in url:
        url, path = "", url
    if not (row.text("git") or url or path):
        return None
    return Place(row.text("git"), url, path, row.text("ref"), row.text("subdirectory"), row.flag("editable"))
