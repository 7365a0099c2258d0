"""[tool.uv] of a project: where packages come from, and what else changes which of them are taken."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path

from packaging.utils import canonicalize_name

from ..model.requirement import Requirement
from ..model.spec import TIMESTAMP
from .placed import Place
from .project import ONE_INDEX, PYPI_NAME, Project
from .project_names import name_in_folder
from .shapes import Table

LEFT = (
    "build-constraint-dependencies",
    "dependency-metadata", "exclude-dependencies", "exclude-newer-package", "find-links",
    "fork-strategy", "index-strategy", "no-binary", "no-binary-package", "no-build", "no-build-package",
    "no-sources", "resolution",
)  # fmt: skip
"""Keys that change which files are taken."""
FOLDERS = 500
"""Of a workspace that are looked at."""
PLACES = ("git", "url", "path", "workspace")


def take_settings(table: Table, project: Project) -> None:
    """Raises InputError that says the key."""
    where = table.where
    project.group("dev", project.written(table.texts("dev-dependencies"), f"{where}: dev-dependencies"))
    if not project.groups["dev"]:
        del project.groups["dev"]
    take_indexes(table, project)
    project.limits += project.written(table.texts("constraint-dependencies"), f"{where}: constraint-dependencies")
    project.overrides += project.written(table.texts("override-dependencies"), f"{where}: override-dependencies")
    members = table.table("workspace").texts("members")
    for name, rows in _sources(table.table("sources")):
        _take_sources(name, rows, members, project)
    _take_date(table, project)
    project.prerelease |= table.text("prerelease") == "allow"
    if table.text("prerelease") not in ("", "allow", "if-necessary", "if-necessary-or-explicit"):
        project.note(f"{project.path.name}: [tool.uv] prerelease = {table.text('prerelease')!r} is left out.")
    if table.flag("no-index"):
        project.no_index = f"{where}: no-index"
    project.notes += [f"{project.path.name}: [tool.uv] {key} is left out." for key in LEFT if key in table]


def take_indexes(table: Table, project: Project) -> None:
    for i, row in enumerate(table.tables("index")):
        name, where = row.text("name", f"index-{i + 1}"), f"{project.path.name}: [[tool.uv.index]]"
        project.indexes.add(name, row.text("url"), where, default=not row.flag("explicit"))
        if row.flag("default"):
            project.indexes.pypi = False
    where = f"{project.path.name}: [tool.uv]"
    if url := table.text("index-url"):
        project.indexes.add("index-url", url, where)
        project.indexes.pypi = False
    for url in table.texts("extra-index-url"):
        project.indexes.add(url, url, where)


def _sources(table: Table) -> list[tuple[str, list[Table]]]:
    found = []
    for key, value in table.values.items():
        rows = [*table.tables(key)] if isinstance(value, list) else [table.table(key)]
        found.append((Table({"name": key}, f"{table.where}: {key}").name(), rows))
    return found


def _take_sources(name: str, rows: list[Table], members: tuple[str, ...], project: Project) -> None:
    """Of a package that is asked for. Raises InputError if it depends on the system, which a notebook cannot say."""
    rows = [row for row in rows if {row.text("extra"), row.text("group")} <= {"", *project.wanted}]
    lists = [items for items in project.every() if any(item.name == name for item in items)]
    if not rows or not lists:
        return
    row, where = rows[0], f"{project.path.name}: [tool.uv.sources] {name}"
    same = {
        tuple(sorted((k, str(v)) for k, v in each.values.items() if k not in ("marker", "extra", "group")))
        for each in rows
    }
    if len(same) > 1 or (len(rows) == 1 and "marker" in row):
        project.refuse(where, "where it comes from depends on the system.", ONE_INDEX)
    if index := row.text("index"):
        if index not in project.indexes.known and index != PYPI_NAME:
            project.refuse(where, f"there is no index {index!r} in this file.", "Describe it with [[tool.uv.index]].")
        project.indexes.take(name, index, where)
        return
    if not any(key in row for key in PLACES):
        project.refuse(where, "it says no place that jupyter-envs knows.", "Remove it in a copy of the file.")
    for items in lists:
        rest = [_placed(item, row, members, project, where) if item.name == name else [item] for item in items]
        items[:] = [item for found in rest for item in found]


def _placed(item: Requirement, row: Table, members: tuple[str, ...], project: Project, where: str) -> list[Requirement]:
    if row.flag("workspace"):
        folder = _member(item.name, members, project.path.parent)
        if folder is None:
            project.note(
                f"{where}: it is left out: it is a part of a workspace, and its folder is not below this file. If you "
                "have it: jupyter envs install NOTEBOOK PATH"
            )
            return []
        return project.at_place(item, Place(path=str(folder), editable=True), where)
    place = Place(
        row.text("git"), row.text("url"), row.text("path"), row.text("rev") or row.text("tag") or row.text("branch"),
        row.text("subdirectory"), row.flag("editable"),
    )  # fmt: skip
    return project.at_place(item, place, where)


def _member(name: str, patterns: tuple[str, ...], base: Path) -> Path | None:
    """The folder of a project of the workspace, by the name that it gives itself."""
    usual = [text for text in patterns if text and ".." not in text and "**" not in text and not text.startswith("/")]
    folders = [folder for text in usual for folder in _matching(text, base)]
    for folder in folders[:FOLDERS]:
        with suppress(OSError):  # FileNotFoundError: it is no project
            inside = folder.resolve().is_relative_to(base.resolve())
            if inside and folder.is_dir() and canonicalize_name(name_in_folder(folder) or "") == name:
                return folder.relative_to(base)
    return None


def _matching(pattern: str, base: Path) -> list[Path]:
    try:
        return [*islice(base.glob(pattern), FOLDERS)]
    except (OSError, ValueError, NotImplementedError, IndexError):
        return []  # no pattern


def _take_date(table: Table, project: Project) -> None:
    value = table.values.get("exclude-newer", "")
    text = (
        value.isoformat()
        if hasattr(value, "isoformat")
        else value
        if isinstance(value, str)
        else table.text("exclude-newer")
    )
    if text:
        project.exclude_newer = moment(text)
        if project.exclude_newer is None:
            project.note(f"{project.path.name}: [tool.uv] exclude-newer = {text[:40]!r} is left out: it is no date.")


def moment(text: str) -> str | None:
    """A day, or a moment in UTC, as a block writes it; None for what is no date, like `7 days`."""
    if TIMESTAMP.fullmatch(text):
        return text
    try:
        found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return found.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if found.tzinfo else None
