"""The text of a lock: for every platform if possible, otherwise for this machine; and of several errors the one that
comes first."""

from __future__ import annotations

from dataclasses import replace

from packaging.markers import Marker

from ...errors import Cancelled, ConsentNeeded, EnvsError, ResolveError
from ...model.closure import marker_environment, ranks_of, this_platform
from ...model.progress import Report
from ...model.requirement import Requirement
from . import pylock
from .derivation import as_conflict, needs_in
from .names import with_place
from .newest import Compiler
from .project import Compilation, as_if_built, without_needs

ROUNDS = 8
"""How many packages without a wheel may come to light one after the other."""
Refused = (ResolveError, ConsentNeeded)


def lock_text(resolver: Compiler, compilation: Compilation, report: Report) -> str:
    """For every platform; if that is not possible (an index with files for one platform only, a package that has none
    for this one), for this machine."""
    try:
        text = resolver.compile(compilation, report)
        lacking = _without_file(text, compilation)
        if not lacking:
            return text
        everywhere: EnvsError = _no_wheel(lacking, compilation)
    except Refused as error:
        everywhere = error
    here = replace(compilation, universal=False)
    try:
        text = resolver.compile(here, report)
    except Refused as error:
        first = error if error.code != everywhere.code or not everywhere.details else everywhere
        cause = _naming_kernel(_conflict_first(resolver, here, first, report))
        raise with_place(cause, compilation.places) from None
    why = f": {everywhere.sentence}" if isinstance(everywhere, ResolveError) else "."
    report.note(f"Locked for {this_platform()} only; other systems have to lock it again{why}")
    return text


def _without_file(text: str, compilation: Compilation) -> list[str]:
    """`name version` of each package that this Python needs, and that has no file for it: uv locks for newer Pythons,
    too, and is content with a file for those."""
    python = compilation.request.interpreter
    here, ranks = marker_environment(python), ranks_of(python)
    return [
        f"{package.name} {package.version}"
        for package in pylock.read(text, python).packages
        if package.name not in compilation.places
        and not (package.sdist or package.vcs or package.archive)
        and not any(ranks.fits(wheel.filename) for wheel in package.wheels)
        and (package.marker is None or Marker(package.marker).evaluate(here))
    ]


def _no_wheel(lacking: list[str], compilation: Compilation) -> ResolveError:
    minor = compilation.request.interpreter.minor
    return ResolveError(
        "no-wheel-here",
        f"There is no wheel of {', '.join(lacking)} for Python {minor} on {this_platform()}.",
        data={"packages": [text.split()[0] for text in lacking]},
    )


def _conflict_first(resolver: Compiler, compilation: Compilation, error: EnvsError, report: Report) -> EnvsError:
    """Nobody is asked to build a package that would not help: whether the rest fits together is known without, if a
    package that would be built is taken to need nothing. Its code does not run for this."""
    if error.code != "needs-build":
        return error
    first, blocked = error, frozenset[str]()
    for _ in range(ROUNDS):
        more = _without_wheel(resolver, compilation, error, report) - blocked
        if not more:
            return as_conflict(error.details)
        blocked |= more
        try:
            resolver.compile(as_if_built(compilation, blocked), report)
        except Cancelled:
            raise
        except ConsentNeeded as another:
            error = another
        except ResolveError as found:
            return found if found.code == "conflict" else first
        except EnvsError:
            return first
        else:
            return first
    return first


def _without_wheel(resolver: Compiler, compilation: Compilation, error: EnvsError, report: Report) -> frozenset[str]:
    """Of the packages that uv would like to build, those that have no wheel within their own limits. uv names others,
    too: some version that it looked at on its way had none."""
    needs = [need for need in needs_in(error.details) if need.who]
    found = set()
    for name in map(str, error.data.get("packages", ())):
        own = tuple(item for item in compilation.requirements if item.name == name)
        limits = [need.limits for need in needs if need.name == name]
        items = own or tuple(Requirement(name, specifier=limit) for limit in limits)
        alone = without_needs("alone", compilation.request, items)
        try:
            resolver.compile(replace(alone, only_wheels=True, universal=False), report)
        except Cancelled:
            raise
        except EnvsError:
            found.add(name)
        else:
            found |= {name} if not items else set()
    return frozenset(found)


def _naming_kernel(error: EnvsError) -> EnvsError:
    if error.code != "conflict" or "ipykernel" not in error.details:
        return error
    sentence = error.sentence.rstrip(".") + "; the notebook cannot run without ipykernel."
    return ResolveError(error.code, sentence, hint=error.hint, details=error.details)
