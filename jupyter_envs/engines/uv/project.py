"""The files that uv reads: a pyproject.toml made of the request, and a lock's versions as preferences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomli_w
from packaging.requirements import Requirement

from ...machine.indexes import Index, Indexes
from ...model.lock import Lock
from ..protocols import Place, Request

ALWAYS = ("ipykernel",)
"""Locked with every notebook: without it nothing could run."""


def project(request: Request, places: Mapping[str, Place], dependencies: tuple[str, ...], indexes: Indexes) -> str:
    """A pyproject.toml: the only input in which uv takes one package from one index."""
    minor = request.interpreter.minor
    lines = [placed(text, places) for text in dependencies]
    lines += [name for name in ALWAYS if name not in request.spec.names]
    lines = [only_for(line, minor) for line in lines]
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


def _index_table(index: Index) -> dict[str, Any]:
    flat = {"format": "flat"} if index.flat else {}
    return {"name": index.name, "url": index.url, "explicit": True, **flat}


def placed(text: str, places: Mapping[str, Place]) -> str:
    parsed = Requirement(text)
    place = places.get(parsed.name)
    if place is None or place.editable:
        return text
    extras = f"[{','.join(sorted(parsed.extras))}]" if parsed.extras else ""
    marker = f" ; {parsed.marker}" if parsed.marker else ""
    return f"{parsed.name}{extras} @ {place.url}{marker}"


def only_for(text: str, minor: str) -> str:
    """The requirement, for this minor alone: a universal resolution would else fail for Pythons never used."""
    below = f"python_full_version < '3.{int(minor.split('.')[1]) + 1}'"
    head, semicolon, marker = text.partition(" ; ")
    return f"{head} ; ({marker}) and {below}" if semicolon else f"{head} ; {below}"


def pinned(text: str, version: str) -> str:
    parsed = Requirement(text)
    extras = f"[{','.join(sorted(parsed.extras))}]" if parsed.extras else ""
    marker = f" ; {parsed.marker}" if parsed.marker else ""
    return f"{parsed.name}{extras}=={version}{marker}"


def preferences(lock: Lock, upgrade: frozenset[str]) -> str:
    """A lock's versions as uv reads its own earlier output: kept where they still fit."""
    rows = [p for p in lock.packages if p.name not in upgrade and not p.directory and not p.vcs]
    return tomli_w.dumps(
        {
            "lock-version": "1.0",
            "created-by": "uv",
            "requires-python": f">={lock.minor}",
            "packages": [{"name": row.name, "version": row.version} for row in rows],
        }
    )
