"""uv.lock, and `job.py.lock` of a script: rows with hashes, edges between them, and the project's own row, which says
what was asked for.

Conditions stand on the edges. Which of two versions a machine needs is known where uv divided its resolution; elsewhere
the row that can be reached is the one."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from packaging.utils import canonicalize_name

from ..model.requirement import Requirement
from .found import Found, Pin
from .lock_rows import check_number, for_extras, of_extra, sha256, take_registries
from .own_extras import expand_own
from .placed import Place
from .project import Project
from .shapes import WRITE_AGAIN, Table, marker_of
from .text_file import text_of
from .toml_file import loads
from .uv_settings import moment

NAME = "uv.lock"
WHEEL = re.compile(
    r'^( +)\{ url = "[^"\\\n]*", (hash = "sha256:[0-9a-f]{64}")'
    r'(?:, size = \d{1,15})?(?:, upload-time = "[^"\\\n]*")? \},$',
    re.MULTILINE,
)
"""A file as uv writes it, on a line of its own. Most of a lock is this; of it, only the hash is parsed as TOML."""
LOCAL = ("virtual", "editable", "directory")


@dataclass
class _Row:
    table: Table
    reached: set[str] = field(default_factory=set)
    """Extras of it whose edges were followed, and "" for its own."""

    @cached_property
    def source(self) -> Table:
        return self.table.table("source")

    @cached_property
    def version(self) -> str:
        return self.table.version() if "version" in self.table else ""

    def edges(self, extra: str) -> Iterator[Table]:
        return self.table.table("optional-dependencies").tables(extra) if extra else self.table.tables("dependencies")


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Raises InputError that says file and row."""
    data = Table(loads(WHEEL.sub(r"\1{ \2 },", text_of(path)), str(path)), str(path))
    return read_table(data, path, groups)


def read_table(data: Table, path: Path, groups: Collection[str] = ()) -> Found:
    """`path`: of the file, or what a lock in a notebook is called. Raises InputError that says file and row."""
    project = Project(path, {canonicalize_name(name) for name in groups})
    if data.values.get("version") != 1:
        project.refuse(str(path), f"its version is {data.values.get('version')!r:.40}, and 1 is known.", WRITE_AGAIN)
    rows = dict[str, list[_Row]]()
    tables = [*data.tables("package")]
    check_number(tables, str(path))
    for table in tables:
        rows.setdefault(table.name(), []).append(_Row(table))
    project.requires_python = data.text("requires-python") or None
    _take_options(data, project)
    edges = [edge for own in _own_rows(rows, data, project) for edge in _asked_of(own, rows, project)]
    edges += _asked_of_script(data.table("manifest"), rows, project)
    everything = not (edges or project.requirements or project.groups)
    if everything:
        project.requirements += _all_placed(rows, project)
    _reach(edges, rows, everything)
    pins = tuple(_pins(rows, project))
    return replace(project.found(NAME), pins=pins, everything=everything)


def _take_options(data: Table, project: Project) -> None:
    options, manifest = data.table("options"), data.table("manifest")
    if text := options.text("exclude-newer"):
        project.exclude_newer = moment(text)
    project.prerelease = options.text("prerelease-mode") == "allow"
    for key in ("resolution-mode", "prerelease-mode", "fork-strategy"):
        if options.text(key) and (key, options.text(key)) != ("prerelease-mode", "allow"):
            project.note(f"{project.path.name}: it was made with {key} = {options.text(key)!r}, which is left out.")
    project.limits += [item for row in manifest.tables("constraints") for item in _requirement(row, "", project)]
    project.overrides += [item for row in manifest.tables("overrides") for item in _requirement(row, "", project)]


def _own_rows(rows: dict[str, list[_Row]], data: Table, project: Project) -> list[_Row]:
    """Of the project in the folder of the lock; of a workspace without one, of all its members."""
    local = [(name, row) for name, found in rows.items() for row in found if _folder(row)]
    own = [row for _, row in local if _folder(row) in (".", "./")]
    if own:
        return own
    members = [*map(canonicalize_name, data.table("manifest").texts("members"))]
    if members:
        project.note(f"{project.path.name} is of a workspace: what {', '.join(members[:5])} need is taken together.")
    return [row for name, row in local if name in members]


def _folder(row: _Row) -> str:
    return next((row.source.text(key) for key in LOCAL if key in row.source), "")


def _asked_of(own: _Row, rows: dict[str, list[_Row]], project: Project) -> list[Table]:
    """The edges that are taken. The metadata of a row says the limits; older locks have edges alone."""
    table, metadata = own.table, own.table.table("metadata")
    project.own = table.name()
    extras, dev = table.table("optional-dependencies"), table.table("dev-dependencies")
    for name in [*metadata.texts("provides-extras"), *extras.values, *dev.values]:
        project.group(name, ())
    told = "requires-dist" in metadata
    for row in metadata.tables("requires-dist") if told else table.tables("dependencies"):
        text = row.text("marker")
        for extra in for_extras(text) or [""]:
            target = project.groups.setdefault(canonicalize_name(extra), []) if extra else project.requirements
            target += _asked(row, of_extra(text, extra), rows, project)
    for name in extras.values if not told else ():
        project.group(name, _all_asked(extras.tables(name), rows, project))
    limits = metadata.table("requires-dev")
    for name in dev.values:
        project.group(name, _all_asked((limits if name in limits else dev).tables(name), rows, project))
    expand_own(project)
    chosen = [(part, key) for part in (extras, dev) for key in part.values if canonicalize_name(key) in project.wanted]
    return [*table.tables("dependencies"), *(edge for part, key in chosen for edge in part.tables(key))]


def _asked_of_script(manifest: Table, rows: dict[str, list[_Row]], project: Project) -> list[Table]:
    wanted = [*manifest.tables("requirements")]
    project.requirements += _all_asked(wanted, rows, project)
    groups = manifest.table("dependency-groups")
    for name in groups.values:
        project.group(name, _all_asked(groups.tables(name), rows, project))
        wanted += [*groups.tables(name)] if canonicalize_name(name) in project.wanted else []
    return wanted


def _all_asked(tables: Iterable[Table], rows: dict[str, list[_Row]], project: Project) -> list[Requirement]:
    return [item for row in tables for item in _asked(row, row.text("marker"), rows, project)]


def _asked(row: Table, marker: str, rows: dict[str, list[_Row]], project: Project) -> list[Requirement]:
    """From where the lock has it, at its commit."""
    name = row.name()
    items = _requirement(row, marker, project)
    if name == project.own:
        return items
    places = [place for found in rows.get(name, ()) if (place := _place(found))]
    if not places:
        return items
    if len(rows[name]) > 1:
        project.refuse(row.where, f"where {name} comes from depends on the system.", "Keep one place, in a copy.")
    return [new for item in items for new in project.at_place(item, places[0], f"{project.path.name}: {name}")]


def _all_placed(rows: dict[str, list[_Row]], project: Project) -> list[Requirement]:
    """Of a lock that does not say what was asked for."""
    project.note(f"{project.path.name} does not tell which packages were asked for.")
    placed = [(name, place) for name, found in rows.items() for row in found if (place := _place(row))]
    return [
        item for name, place in placed
        for item in project.at_place(Requirement(name), place, f"{project.path.name}: {name}")
    ]  # fmt: skip


def _requirement(row: Table, marker: str, project: Project) -> list[Requirement]:
    extras = ",".join(row.texts("extras") or row.texts("extra"))
    marker = marker or row.text("marker") if "extra" not in row.text("marker") else marker
    text = f"{row.name()}{f'[{extras}]' if extras else ''}{row.text('specifier')}"
    return project.written([f"{text} ; {marker}" if marker else text], row.where)


def _place(row: _Row) -> Place | None:
    source = row.source
    if git := source.text("git"):
        parts = urlsplit(git)
        folder = parse_qs(parts.query).get("subdirectory", [""])[0]
        return Place(git=parts._replace(query="", fragment="").geturl(), revision=parts.fragment, subdirectory=folder)
    if url := source.text("url"):
        return Place(url=url, subdirectory=source.text("subdirectory"))
    path = source.text("path") or _folder(row)
    return Place(path=path, editable="editable" in source) if path else None


def _reach(edges: list[Table], rows: dict[str, list[_Row]], everything: bool) -> None:
    queue = deque(edges)
    for row in (row for found in rows.values() for row in found if everything):
        row.reached.add("")
    while queue:
        edge = queue.popleft()
        version = edge.text("version")
        for row in rows.get(edge.name(), ()):
            if version and row.table.text("version") != version:
                continue
            for extra in {"", *edge.texts("extra"), *edge.texts("extras")} - row.reached:
                row.reached.add(extra)
                queue += row.edges(extra)


def _pins(rows: dict[str, list[_Row]], project: Project) -> Iterator[Pin]:
    places = list[tuple[str, str]]()
    for name, found in rows.items():
        reached = [row for row in found if row.reached and "registry" in row.source]
        divided = [row.table.texts("resolution-markers") for row in reached]
        if len(reached) > 1 and not all(divided):
            versions = ", ".join(row.version for row in reached)
            project.note(
                f"{project.path.name}: {name} has the versions {versions}, and only uv can tell which of them applies: "
                "none of them is kept."
            )
            continue
        places += [(name, row.source.text("registry")) for row in reached]
        for row, markers in zip(reached, divided, strict=True):
            text = " or ".join(f"({marker})" for marker in markers) if len(reached) > 1 else ""
            marker = marker_of(text, row.table.where) if text else None
            yield Pin(name, row.version, marker, _hashes(row.table))
    take_registries(places, project.indexes, project.path.name)


def _hashes(table: Table) -> frozenset[str]:
    files = table.values.get("wheels", [])
    if not isinstance(files, list):
        table.refuse("wheels", "a list of tables")
    sdist = [table.table("sdist").values] if "sdist" in table else []
    return sha256(file.get("hash") if isinstance(file, dict) else None for file in [*files, *sdist])
