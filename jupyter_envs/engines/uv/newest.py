"""Never silently choose a very old version.

With wheels only, uv skips versions that it may not build, and so may choose one that is years old. This module finds
out which version sources would give, and asks. No package's code runs for this: the newest version is looked up with
the dependencies of every package declared as empty, from index pages that are cached by then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from msgspec import structs
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from ...consent.questions import needs_build
from ...errors import Cancelled, ConsentNeeded, EnvsError
from ...model.closure import marker_environment, ranks_of, rows_here
from ...model.lock import Package
from ...model.progress import Report
from ...model.requirement import Requirement, Source
from ..protocols import ResolveRequest
from . import pylock
from .index_age import Asked, Newest
from .project import Compilation, without_needs
from .tool import Engine


class Compiler(Protocol):
    """The part of the resolver that is used here."""

    asked: Asked
    engine: Engine

    def compile(self, compilation: Compilation, report: Report) -> str:
        """The text of a lock. Raises EnvsError."""


def ask_if_older(
    resolver: Compiler, request: ResolveRequest, places: Mapping[str, Source], rows: tuple[Package, ...], report: Report
) -> None:
    """Raises ConsentNeeded `needs-build` if a newly chosen version is older than the version that sources would
    give."""
    before = request.previous.packages if request.previous else ()
    kept = {row.name: row.version for row in rows_here(before, request.interpreter)}
    chosen = {row.name: row.version for row in rows_here(rows, request.interpreter)}
    fresh = tuple(
        item
        for item in request.spec.requirements
        if (name := item.name) in chosen
        and name not in places
        and name not in request.allow_build
        and (request.upgrade_all or name in request.upgrade or kept.get(name) != chosen[name])
    )
    for name, newest, has_wheel in _remembered(resolver, request, fresh, report) if fresh else ():
        if Version(newest) <= Version(chosen[name]):
            continue
        if not has_wheel:
            minor = request.interpreter.minor
            why = f"{name} {newest} has no wheel for Python {minor} (the newest with one is {chosen[name]})"
            raise needs_build([name], why={name: why})
        _ask_what_holds_it_back(resolver, request, places, (name, newest), report)


def _remembered(
    resolver: Compiler, request: ResolveRequest, fresh: tuple[Requirement, ...], report: Report
) -> list[Newest]:
    """uv is asked once, as long as the indexes are not asked again."""
    names = [item.name for item in fresh]
    python = request.interpreter
    dates = (request.spec.exclude_newer, resolver.engine.policy.newest(), request.before)
    limits = (*dates, request.prerelease, *_texts(request.limits), request.spec.overrides)
    question = repr([_texts(fresh), request.spec.indexes, python.minor, python.abiflags, python.arch, limits])
    found = resolver.asked.answer(question, names)
    if found is None:
        found = _newest(resolver, request, fresh, report)
        if found:
            resolver.asked.remember_answer(question, names, found)
    return found


def _texts(items: Iterable[Requirement]) -> tuple[str, ...]:
    return tuple(item.text for item in items)


def _newest(
    resolver: Compiler, request: ResolveRequest, fresh: tuple[Requirement, ...], report: Report
) -> list[Newest]:
    """The newest version of each that can be had here at all; of none if uv does not answer."""
    names = [item.name for item in fresh]
    try:
        alone = without_needs("sources", replace(request, offline=True), fresh)
        text = resolver.compile(alone, report)
    except Cancelled:
        raise
    except EnvsError:
        return []  # nothing is known beyond what was chosen
    ranks = ranks_of(request.interpreter)
    here = marker_environment(request.interpreter)
    return [
        (p.name, p.version, has_wheel)
        for p in pylock.read(text, request.interpreter).packages
        if p.name in names and p.version and (p.marker is None or Marker(p.marker).evaluate(here))
        if (has_wheel := any(ranks.fits(w.filename) for w in p.wheels)) or p.sdist
    ]


def _ask_what_holds_it_back(
    resolver: Compiler, request: ResolveRequest, places: Mapping[str, Source], newest: tuple[str, str], report: Report
) -> None:
    """The newest version has a wheel, and still was not chosen: either because of a dependency without a wheel, or
    because of a real conflict."""
    name, version = newest
    dependencies = tuple(
        structs.replace(item, specifier=SpecifierSet(f"=={version}")) if item.name == name else item
        for item in request.spec.requirements
    )
    try:
        resolver.compile(Compilation("newest", replace(request, previous=None), places, dependencies), report)
    except ConsentNeeded as error:
        names = error.data["packages"]
        why = f"{name} {version} needs {', '.join(names)}, which has no wheel"
        raise needs_build(names, error.details, why={name: why}) from None
    except Cancelled:
        raise
    except EnvsError:
        return  # an honest conflict holds it back
