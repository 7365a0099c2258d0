"""[tool.poetry] of a project: its constraints become those of PEP 440, or are refused."""

from __future__ import annotations

import re
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from poetry.core.factory import Factory

from ..model.requirement import Requirement
from .found import is_pypi
from .placed import Place
from .poetry_versions import LONGEST, python_of, specifier_of
from .project import Project
from .shapes import Table, marker_of

PRE = ">=0.dev0"
"""Whoever limits a version in this way takes pre-releases of it, and of nothing else."""
NAMES = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def take_poetry(table: Table, pep621: Table, project: Project) -> None:
    """Raises InputError that says the key."""
    for row in table.tables("source"):
        _take_source(row, project)
    dependencies = table.table("dependencies")
    enriching = "dependencies" in pep621 and "dependencies" not in pep621.texts("dynamic")
    project.own = project.own or canonicalize_name(table.text("name"))
    found = {key: _entries(dependencies, key) for key in dependencies.values if key != "python"}
    if "python" in dependencies and not project.requires_python:
        project.requires_python = python_of(dependencies.text("python"), dependencies.where)
    optional = dict[str, list[Requirement]]()
    for key, rows in found.items():
        if enriching:
            _enrich(_name(key, dependencies), rows, project)
            continue
        for row in rows:
            items = _requirement(_name(key, dependencies), row, project)
            if row.flag("optional"):
                optional.setdefault(_name(key, dependencies), []).extend(items)
            else:
                project.requirements += items
    extras = table.table("extras")
    for extra in extras.values:
        names = [canonicalize_name(re.split(r"[\s\[(;<>=!~]", text, maxsplit=1)[0]) for text in extras.texts(extra)]
        project.group(extra, [item for name in names for item in optional.get(name, [])])
    left = sorted(name for name in optional if name not in {i.name for items in project.groups.values() for i in items})
    project.notes += [f"{project.path.name}: {name} is left out: it is optional, and in no extra." for name in left]
    _take_groups(table, project)


def _name(key: str, table: Table) -> str:
    return Table({"name": key}, f"{table.where}: {key}").name()


def _take_source(row: Table, project: Project) -> None:
    name, url, priority = row.text("name"), row.text("url"), row.text("priority", "primary")
    if name.lower() == "pypi" and not url:
        url = "https://pypi.org/simple"
    if "url" not in row and not is_pypi(url):
        row.refuse("url", "the address of an index")
    project.indexes.add(
        name, url, f"{project.path.name}: [[tool.poetry.source]] {name}", default=priority != "explicit"
    )
    if priority in ("primary", "default") and not row.flag("secondary") and not is_pypi(url):
        project.indexes.pypi = False


def _take_groups(table: Table, project: Project) -> None:
    groups = dict(table.table("group").named())
    legacy = table.table("dev-dependencies")
    own = {name: _all_of(group.table("dependencies"), project) for name, group in groups.items()}
    for name, group in groups.items():
        names, queue = set[str](), [name]
        while queue:
            one = queue.pop()
            if one in names:
                continue
            names.add(one)
            queue += groups[one].texts("include-groups") if one in groups else []
            if one not in groups and one != name:
                group.refuse("include-groups", "a list of groups of this file")
        project.group(name, [item for one in groups if one in names for item in own[one]])
    if legacy.values:
        project.group("dev", _all_of(legacy, project))


def _all_of(table: Table, project: Project) -> list[Requirement]:
    return [
        item for key in table.values if key != "python" for row in _entries(table, key)
        for item in _requirement(_name(key, table), row, project)
    ]  # fmt: skip


def _entries(table: Table, key: str) -> list[Table]:
    """A dependency may be one version, one table, or a list of them."""
    value, where = table.values[key], f"{table.where}: {key}"
    rows: list[Any] = value if isinstance(value, list) else [value]
    found = [{"version": row} if isinstance(row, str) else row for row in rows]
    if not all(isinstance(row, dict) for row in found):
        table.refuse(key, "a version or a table")
    return [Table(row, where) for row in found]


def _enrich(name: str, rows: list[Table], project: Project) -> None:
    """What is asked for stands in [project]; poetry's table only says more about it."""
    for row in rows:
        if source := row.text("source"):
            _take_index(name, source, row, project)
        place = _place(row)
        for items in project.every():
            items[:] = [
                new for item in items
                for new in (project.at_place(item, place, row.where) if place and item.name == name else [item])
            ]  # fmt: skip


def _take_index(name: str, source: str, row: Table, project: Project) -> None:
    if source not in project.indexes.known:
        row.refuse("source", "a [[tool.poetry.source]] of this file")
    project.indexes.take(name, source, row.where)


def _place(row: Table) -> Place | None:
    path = row.text("path") or row.text("file")
    if not (row.text("git") or row.text("url") or path):
        return None
    revision = row.text("rev") or row.text("tag") or row.text("branch")
    return Place(row.text("git"), row.text("url"), path, revision, row.text("subdirectory"), row.flag("develop"))


def _requirement(name: str, row: Table, project: Project) -> list[Requirement]:
    extras = tuple(sorted(canonicalize_name(extra) for extra in row.texts("extras") if NAMES.fullmatch(extra)))
    item = Requirement(name, extras, marker=_marker(row))  # type: ignore[arg-type]
    place = _place(row)
    if place:
        return project.at_place(item, place, row.where)
    limits = specifier_of(row.text("version", "*"), row.where)
    if row.flag("allow-prereleases"):
        limits = f"{limits},{PRE}" if limits else PRE
    if source := row.text("source"):
        _take_index(name, source, row, project)
    return project.written([Requirement(name, extras, SpecifierSet(limits), item.marker).text], row.where)


def _marker(row: Table) -> object:
    """Of `python`, `platform` and `markers` together, as poetry-core joins them."""
    said = {key: row.text(key) for key in ("python", "platform", "markers") if row.text(key)}
    if not said:
        return None
    if any(len(text) > LONGEST for text in said.values()):
        row.refuse(next(iter(said)), "a condition of usual length")
    try:
        found = str(Factory.create_dependency("x", {"version": "*", **said}).marker)
    except Exception as error:  # whatever its parsers raise
        row.refuse(" and ".join(said), f"a condition that poetry understands ({type(error).__name__})")
    if found == "<empty>":
        row.refuse(" and ".join(said), "a condition that any machine can meet")
    return marker_of(found, row.where) if found else None
