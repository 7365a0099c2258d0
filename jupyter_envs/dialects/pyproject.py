"""pyproject.toml: what a project needs, as PEP 621, poetry, uv and pdm say it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import tomli_w
from packaging.dependency_groups import DependencyGroupInclude, DependencyGroupResolver
from packaging.errors import ExceptionGroup
from packaging.utils import canonicalize_name

from ..errors import InputError
from ..kernel.foreign import quoted
from ..model.lock import Lock
from ..model.spec import Spec
from .found import Found, Written
from .own_extras import expand_own
from .project import Project
from .shapes import Table
from .toml_file import load
from .unsaid import asked_for, unsaid
from .written_indexes import indexes_to_write

NAME = FILE = "pyproject.toml"
SAYS = frozenset({"list", "python", "locked-python", "indexes", "exclude-newer", "overrides"})
LONGEST = 200
"""Characters of a file name."""
MANY = 2000
"""Requirements of a group: more are made to be slow."""
LEFT = {
    "hatch": "the environments of hatch",
    "flit": "what flit says in its own words",
    "conda-lock": "what conda-lock says in its own words",
}
"""Tools whose own tables may name packages, too."""


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Raises InputError that says file and key."""
    data = Table(load(path), str(path))
    project = Project(path, {canonicalize_name(name) for name in groups})
    _take_project(data.table("project"), project)
    _take_groups(data, project)
    tool = data.table("tool")
    _tell_files(tool.table("setuptools", "dynamic"), project)
    if "poetry" in tool:
        from .poetry_table import take_poetry

        take_poetry(tool.table("poetry"), data.table("project"), project)
    if "pdm" in tool:
        from .pdm_table import take_pdm

        take_pdm(tool.table("pdm"), project)
    expand_own(project)
    if "uv" in tool:
        from .uv_settings import take_settings

        take_settings(tool.table("uv"), project)
    project.notes += [
        f"{path.name}: {LEFT[name]} ([tool.{name}]) {'are' if name == 'hatch' else 'is'} left out."
        for name in tool.values if name in LEFT
    ]  # fmt: skip
    found = project.found(NAME)
    return _with_pixi(found, tool.table("pixi"), project, groups) if "pixi" in tool else found


def _with_pixi(found: Found, table: Table, project: Project, groups: Collection[str]) -> Found:
    """pixi takes what [project] asks for from the index, and the rest from conda."""
    from .pixi import found_in

    pixi = found_in(table, project.path, groups)
    names = dict.fromkeys([*found.groups, *pixi.groups])
    others = tuple(item for item in pixi.requirements if item.name != project.own or not project.own)
    left = [f"{project.path.name}: {project.own} is this project itself: it is left out."]
    return replace(
        found,
        requires_python=found.requires_python or pixi.requires_python,
        requirements=tuple(dict.fromkeys([*found.requirements, *others])),
        groups={name: (*found.groups.get(name, ()), *pixi.groups.get(name, ())) for name in names},
        indexes=(*found.indexes, *pixi.indexes),
        taken_from={**found.taken_from, **pixi.taken_from},
        conda=pixi.conda,
        notes=(*found.notes, *pixi.notes, *(left if len(others) < len(pixi.requirements) else ())),
    )


def _take_project(table: Table, project: Project) -> None:
    project.own = canonicalize_name(table.text("name"))
    project.requires_python = table.text("requires-python") or None
    project.requirements += project.written(table.texts("dependencies"), f"{table.where}: dependencies")
    extras = table.table("optional-dependencies")
    for name in extras.values:
        project.group(name, project.written(extras.texts(name), f"{extras.where}: {name}"))
    dynamic = {*table.texts("dynamic")}
    computed = sorted(dynamic & {"dependencies", "optional-dependencies"})
    if computed:
        project.note(
            f"{project.path.name}: code computes {' and '.join(computed)} when the project is built (dynamic), and no "
            "code is run to read a file."
        )
    if "requires-python" in dynamic:
        project.note(f"{project.path.name}: code computes which Python the project needs (dynamic); it is left out.")


def _tell_files(dynamic: Table, project: Project) -> None:
    """setuptools can take the list from files, which are no code."""
    stated = dynamic.values.get("dependencies")
    value = stated.get("file") if isinstance(stated, dict) else None
    for name in value if isinstance(value, list) else [value]:
        if isinstance(name, str) and len(name) < LONGEST:
            project.note(
                f"{project.path.name}: what it needs is in {name}: jupyter envs import NOTEBOOK {quoted(name)}"
            )


def _take_groups(data: Table, project: Project) -> None:
    """PEP 735."""
    table = data.table("dependency-groups")
    try:
        resolver = DependencyGroupResolver(table.values)
    except (ExceptionGroup, ValueError, TypeError, AttributeError) as error:
        raise _refused(table, error) from None
    for name in table.values:
        texts = _texts_of(name, resolver, table)
        project.group(name, project.written(texts, f"{table.where}: {name}"))


def _texts_of(name: str, resolver: DependencyGroupResolver, table: Table) -> list[str]:
    """With those of the groups that it includes, each once. Raises InputError for a circle."""
    found, done = dict[str, None](), set[str]()

    def walk(group: str, above: tuple[str, ...]) -> None:
        if group in above or len(above) > MANY // 100:
            raise InputError("foreign-file", f"{table.where}: {group} includes itself, or other groups too deeply.")
        if group in done:
            return
        done.add(group)
        try:
            items = resolver.lookup(group)
        except (ExceptionGroup, ValueError, TypeError, LookupError, RecursionError) as error:
            raise _refused(table, error) from None
        for item in items:
            if isinstance(item, DependencyGroupInclude):
                walk(canonicalize_name(item.include_group), (*above, group))
            else:
                found[str(item)] = None

    walk(canonicalize_name(name), ())
    return [*found]


def _refused(table: Table, error: BaseException) -> InputError:
    inner = error
    while isinstance(inner, ExceptionGroup) and inner.exceptions:
        inner = inner.exceptions[0]
    return InputError("foreign-file", f"{table.where}: {inner}.", hint="Write it as PEP 735 says.")


def write(spec: Spec, lock: Lock | None, urls: Mapping[str, str]) -> Written:
    """A project that nobody builds: PEP 621, and [tool.uv] for what it has no words for."""
    indexes = indexes_to_write(spec, lock, urls)
    project: dict[str, object] = {"name": "notebook", "version": "0"}
    if spec.requires_python:
        project["requires-python"] = spec.requires_python
    project["dependencies"] = [item.with_source for item in asked_for(spec, lock)]
    uv: dict[str, object] = {"package": False}
    if spec.exclude_newer:
        uv["exclude-newer"] = spec.exclude_newer
    if spec.overrides:
        uv["override-dependencies"] = [*spec.overrides]
    if indexes.of:
        uv["sources"] = {name: {"index": index} for name, index in indexes.of.items()}
        uv["index"] = [{"name": name, "url": url, "explicit": True} for name, url in indexes.urls.items()]
    text = tomli_w.dumps({"project": project, "tool": {"uv": uv}})
    return Written(text, (*unsaid(spec, lock, urls, SAYS), *indexes.notes))
