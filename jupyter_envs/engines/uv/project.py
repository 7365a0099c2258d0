"""The files that uv reads: a pyproject.toml made from the request, and the versions of a lock as preferences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import tomli_w
from msgspec import structs

from ...errors import InputError
from ...machine.indexes import Index, Indexes
from ...model.interpreter import is_version
from ...model.lock import Lock
from ...model.requirement import Requirement, Source
from ..protocols import ResolveRequest

ALWAYS = ("ipykernel",)
"""Locked with every notebook: without it no notebook could run."""


@dataclass(frozen=True)
class Compilation:
    """One run of `uv pip compile`. `name`: of its files; `places`: origins of packages that come from no index;
    `requirements`: what is asked for, which need not be the list of the request; `more`: options of uv;
    `configuration`: beside the indexes; `only_wheels`: uv may build nothing but what was allowed; `universal`: for
    every platform."""

    name: str
    request: ResolveRequest
    places: Mapping[str, Source]
    requirements: tuple[Requirement, ...]
    more: tuple[str | Path, ...] = ()
    configuration: Mapping[str, Any] = field(default_factory=dict)
    only_wheels: bool = True
    universal: bool = True

    def with_alone(self, names: Iterable[str]) -> Mapping[str, Any]:
        """The configuration in which these packages, too, need nothing."""
        known = self.configuration.get("dependency-metadata", [])
        more = [{"name": name, "requires-dist": []} for name in names if name not in {row["name"] for row in known}]
        return {**self.configuration, "dependency-metadata": [*known, *more]} if more else self.configuration


def without_needs(name: str, request: ResolveRequest, requirements: tuple[Requirement, ...]) -> Compilation:
    """As if these packages, and what is always locked, had no dependencies: then nothing is built, and versions that
    have no wheel may be looked at."""
    names = [*dict.fromkeys(item.name for item in requirements), *ALWAYS]
    return Compilation(
        name,
        replace(request, previous=None),
        {},
        requirements,
        more=("--no-deps",),
        configuration={"dependency-metadata": [{"name": each, "requires-dist": []} for each in names]},
        only_wheels=False,
    )


def as_if_built(compilation: Compilation, names: frozenset[str]) -> Compilation:
    """As if these packages were built from source, and needed nothing."""
    request = compilation.request
    return replace(
        compilation,
        name="trial",
        request=replace(request, allow_build=request.allow_build | names),
        configuration={"dependency-metadata": [{"name": each, "requires-dist": []} for each in sorted(names)]},
    )


def project(compilation: Compilation, indexes: Indexes) -> str:
    """A pyproject.toml: the only input in which uv takes one package from one index."""
    request, places = compilation.request, compilation.places
    # For this minor alone: a universal resolution would else fail for Pythons never used.
    below = f"python_full_version < '3.{int(request.interpreter.minor.split('.')[1]) + 1}'"
    wanted = [structs.replace(item, source=places.get(item.name)) for item in compilation.requirements]
    everywhere = {item.name for item in request.spec.requirements if item.marker is None}
    wanted += [Requirement(name) for name in ALWAYS if name not in everywhere]
    _check_readable(wanted)
    lines = [item.line(below) for item in wanted]
    sources: dict[str, dict[str, Any]] = {
        name: {"path": str(place.path), "editable": True}
        for name, place in places.items()
        if place.path and place.editable
    }
    for index, names in request.spec.indexes.items():
        sources |= {name: {"index": index} for name in names if name not in places}
    used = [_index_table(indexes.by_name(index)) for index in request.spec.indexes]
    return tomli_w.dumps(
        {
            "project": {"name": "notebook", "version": "0", "dependencies": lines},
            "tool": {"uv": {"sources": sources, "index": used}},
        }
    )


def _check_readable(wanted: Iterable[Requirement]) -> None:
    """uv reads nothing of the file if it cannot read one line. Raises InputError `req-syntax`."""
    for item in wanted:
        for part in item.specifier:
            if part.operator == "===" and not is_version(part.version):
                raise InputError(
                    "req-syntax",
                    f"{item.name}{part} compares the text of a version, and {part.version} is not a whole version.",
                    hint=f"Write {item.name}=={part.version}",
                )


def _index_table(index: Index) -> dict[str, Any]:
    flat = {"format": "flat"} if index.flat else {}
    return {"name": index.name, "url": index.url, "explicit": True, **flat}


def preferences(lock: Lock, upgrade: frozenset[str]) -> str:
    """The versions of a lock, in the form of uv's own earlier output: they are kept if they still fit."""
    rows = [p for p in lock.packages if p.name not in upgrade and not p.directory and not p.vcs]
    return tomli_w.dumps(
        {
            "lock-version": "1.0",
            "created-by": "uv",
            "requires-python": f">={lock.minor}",
            "packages": [{"name": row.name, "version": row.version} for row in rows],
        }
    )
