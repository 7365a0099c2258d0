"""[tool.uv] of a project: where packages come from, and what else changes which of them are taken."""

from __future__ import annotations

import re
from datetime import datetime, timezone

from ..model.requirement import Requirement
from ..model.spec import TIMESTAMP
from .placed import Place
from .project import ONE_INDEX, PYPI_NAME, Project
from .shapes import Table

LEFT = (
    "build-constraint-dependencies",
    "dependency-metadata", "exclude-dependencies", "exclude-newer-package", "find-links",
    "fork-strategy", "index-strategy", "no-binary", "no-binary-package", "no-build", "no-build-package", "no-index",
    "no-sources", "resolution",
)  # fmt: skip
"""Keys that change which files are taken."""
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
    for name, rows in _sources(table.table("sources")):
        _take_sources(name, rows, project)
    _take_date(table, project)
    project.prerelease |= table.text("prerelease") == "allow"
    if table.text("prerelease") not in ("", "allow", "if-necessary", "if-necessary-or-explicit"):
        project.note(f"{project.path.name}: [tool.uv] prerelease = {table.text('prerelease')!r} is left out.")
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


def _take_sources(name: str, rows: list[Table], project: Project) -> None:
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
        items[:] = [
            new for item in items for new in (_placed(item, row, project, where) if item.name == name else [item])
        ]


def _placed(item: Requirement, row: Table, project: Project, where: str) -> list[Requirement]:
    if row.flag("workspace"):
        project.note(
            f"{where}: it is left out: it is a part of this project's workspace. To have it: jupyter envs install "
            f"NOTEBOOK ./FOLDER"
        )
        return []
    place = Place(
        row.text("git"), row.text("url"), row.text("path"), row.text("rev") or row.text("tag") or row.text("branch"),
        row.text("subdirectory"), row.flag("editable"),
    )  # fmt: skip
    return project.at_place(item, place, where)


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
