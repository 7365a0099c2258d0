"""Pipfile, as pipenv writes it."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from packaging.markers import Marker
from packaging.utils import canonicalize_name

from ..errors import InputError
from ..kernel.foreign import visible
from ..model.lock import Lock
from ..model.requirement import Requirement
from ..model.spec import Spec
from .exact_rows import exact_version
from .found import Found, Pin, Written
from .lock_rows import sha256
from .placed import Place
from .project import Project
from .shapes import Table, marker_of
from .toml_file import load
from .unsaid import asked_for, unsaid
from .written_indexes import indexes_to_write

NAME = FILE = "Pipfile"
SAYS = frozenset({"list", "locked-python", "indexes"})
PYPI = {"name": "pypi", "url": "https://pypi.org/simple", "verify_ssl": True}
ONE_PYTHON = re.compile(r"==(3\.\d+)(?:\.(\d+)|\.\*)")
OTHER = ("source", "requires", "scripts", "pipenv", "packages", "pipfile")
"""Tables that are no groups."""
MARKERS = (
    "os_name", "sys_platform", "platform_machine", "platform_python_implementation", "platform_release",
    "platform_system", "platform_version", "python_version", "python_full_version", "implementation_name",
    "implementation_version",
)  # fmt: skip
REPOSITORIES = ("hg", "svn", "bzr")
KEYS = {
    *MARKERS, *REPOSITORIES, "version", "markers", "extras", "index", "git", "ref", "subdirectory", "editable", "file",
    "path", "hashes",
}  # fmt: skip
"""Of a row. Another one may change which files are taken."""


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Raises InputError that says file and key."""
    data = Table(load(path), str(path))
    project = Project(path, {canonicalize_name(name) for name in groups})
    first = take_sources(data, "source", project)
    project.requires_python = python_of(data.table("requires"))
    project.requirements += _section(data.table("packages"), project, first)
    pins = [*_pins(data.table("packages"), project)]
    for name in data.values:
        if name not in OTHER:
            project.group(group_of(name), _section(data.table(name), project, first))
            wanted = canonicalize_name(group_of(name)) in project.wanted
            pins += _pins(data.table(name), project) if wanted else ()
    settings = data.table("pipenv")
    project.prerelease = settings.flag("allow_prereleases")
    if settings.flag("install_search_all_sources"):
        project.note(f"{path.name}: [pipenv] install_search_all_sources is left out: your configuration decides.")
    if data.table("scripts").values:
        project.note(f"{path.name}: [scripts] is left out: a notebook has no commands.")
    return replace(project.found(NAME), pins=tuple(pins))


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


def _pins(table: Table, project: Project) -> Iterator[Pin]:
    """The rows whose files have hashes, which are checked only for one version of an index."""
    rows = ((key, table.table(key)) for key, value in table.values.items() if isinstance(value, dict))
    for key, row in rows:
        name = Table({"name": key}, row.where).name()
        left = [visible(word[:40]) for word in row.values if word not in KEYS]
        project.notes += [
            f"{project.path.name}: {name}: `{word}` is left out: a notebook cannot say it." for word in left
        ]
        given = row.texts("hashes")
        for item in project.written([f"{name}{_limits(row)}"], row.where) if given else ():
            version, hashes = exact_version(item), sha256(given)
            if version and hashes and not _place(row):
                yield Pin(name, version, _marker(row), hashes)
            else:
                why = "it does not name one version of an index" if hashes else "only sha256 is used"
                project.note(f"{project.path.name}: the hashes of {name} cannot be checked: {why}.")


def take_entry(name: str, row: Table, project: Project, first: str) -> list[Requirement]:
    """What one row asks for, and where it comes from."""
    marker = _marker(row)
    extras = ",".join(row.texts("extras"))
    start, end = f"{name}{f'[{extras}]' if extras else ''}", f" ; {marker}" if marker else ""
    place = _place(row)
    found = project.written([f"{start}{'' if place else _limits(row)}{end}"], row.where)
    if place:
        return [new for item in found for new in project.at_place(item, place, row.where)]
    index = row.text("index")
    if index and index != first:
        if index not in project.indexes.known:
            row.refuse("index", "the name of a source of this file")
        project.indexes.take(name, index, row.where)
    return found


def _marker(row: Table) -> Marker | None:
    conditions = [f"{key} {row.text(key)}" for key in MARKERS if key in row]
    conditions = [f"({text})" for text in [row.text("markers"), *conditions] if text]
    return marker_of(" and ".join(conditions), row.where) if conditions else None


def _limits(row: Table) -> str:
    version = row.text("version", "*").strip()
    return "" if version in ("*", "") else version if version[0] in "<>=!~" else f"=={version}"


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


def write(spec: Spec, lock: Lock | None, urls: Mapping[str, str]) -> Written:
    """Raises InputError `cannot-write` where a package has several rows: a Pipfile has one for each name."""
    import plette

    indexes = indexes_to_write(spec, lock, urls)
    sources = [{"name": name, "url": url, "verify_ssl": True} for name, url in indexes.urls.items()]
    packages: dict[str, object] = {}
    for item in asked_for(spec, lock):
        if item.name in packages:
            raise InputError(
                "cannot-write", f"A Pipfile has one row for a package, and the notebook has several for {item.name}.",
                hint="Choose another format: --format pyproject.toml",
            )  # fmt: skip
        packages[item.name] = _entry(item, indexes.of.get(item.name))
    data: dict[str, object] = {"source": [PYPI, *sources], "packages": packages}
    python = ONE_PYTHON.fullmatch(spec.requires_python or "")
    if python and python[2]:
        data["requires"] = {"python_full_version": f"{python[1]}.{python[2]}"}
    elif python:
        data["requires"] = {"python_version": python[1]}
    text = io.StringIO()
    plette.Pipfile(data).dump(text)
    says = SAYS | {"python"} if python else SAYS
    return Written(text.getvalue(), (*unsaid(spec, lock, urls, says), *indexes.notes))


def _entry(item: Requirement, index: str | None) -> object:
    import tomlkit

    row: dict[str, object] = {}
    vcs = item.source.vcs if item.source else None
    if vcs and vcs.type == "git":
        row = {"git": vcs.url, "ref": vcs.commit_id or vcs.requested_revision, "subdirectory": vcs.subdirectory}
    elif vcs:
        row = {"file": vcs.url}
    else:
        row = {"version": str(item.specifier) or "*"}
    row |= {"extras": [*item.extras], "markers": str(item.marker or ""), "index": index}
    row = {key: value for key, value in row.items() if value}
    return row["version"] if row.keys() == {"version"} else tomlkit.inline_table() | row
