"""Which ways out would work: each is resolved, as if somebody had chosen it. No code of a package runs, and nothing is
built or recorded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import msgspec
from packaging.version import Version

from ...errors import ConsentNeeded, EnvsError, ResolveError
from ...machine import interpreters
from ...machine.interpreters import Interpreter
from ...model.closure import rows_here, select
from ...model.interpreter import is_version
from ...model.lock import Lock
from ...model.progress import Report
from ...model.requirement import requirement_of
from ..maker import Maker
from ..plan import Plan, plan_install
from .values import ANY, Step, Way

Attempt = Callable[[Plan, Interpreter, Report], Lock]
UNTRIED = ("build",)


@dataclass
class _Until(Report):
    """Silent, and over at a moment."""

    end: float = field(default=0.0)

    @property
    def cancelled(self) -> bool:
        return time.monotonic() > self.end


def ways_that_work(
    ways: Iterable[Way], plan: Plan, python: Interpreter, maker: Maker, attempt: Attempt, seconds: float
) -> tuple[Way, ...]:
    """Without those that would fail. What could not be tried in time stays, unless its version is not known then."""
    report = _Until(time.monotonic() + seconds)
    if any(item.source for item in plan.typed.values()):
        return tuple(ways)
    found = [way if way.code in UNTRIED else _tried(way, plan, python, maker, attempt, report) for way in ways]
    return tuple({way.words: way for way in found if way}.values())


def _tried(way: Way, plan: Plan, python: Interpreter, maker: Maker, attempt: Attempt, report: _Until) -> Way | None:
    try:
        for step in way.steps:
            plan, python = _after(step, plan, python, maker)
        lock = attempt(plan, python, report)
        select(lock, python)
    except (ConsentNeeded, ResolveError):
        return None
    except EnvsError:
        return way if way.code != "limit" else None
    return _with_versions(way, lock, python) if way.code == "limit" else way


def _after(step: Step, plan: Plan, python: Interpreter, maker: Maker) -> tuple[Plan, Interpreter]:
    """The plan once more, with this step. Raises EnvsError."""
    if step.action == "python":
        wanted = f"=={step.python}.*"
        spec = msgspec.structs.replace(plan.before.spec, requires_python=wanted)
        before = msgspec.structs.replace(plan.before, requires_python=wanted)
        chosen = interpreters.choose(wanted, maker.here.settings)
        return replace(plan, before=before, spec=spec, typed={}), chosen
    typed = [requirement_of(text) for text in step.packages]
    return plan_install(plan.before, typed, plan.options), python


def _with_versions(way: Way, lock: Lock, python: Interpreter) -> Way | None:
    """A limit that was left out, as the version that came of it. None for a pre-release, which nobody asked for."""
    versions = {row.name: row.version for row in rows_here(lock.packages, python)}
    step = way.steps[-1]
    free = next((text.removesuffix(ANY) for text in step.packages if text.endswith(ANY)), "")
    version = versions.get(free, "")
    if not is_version(version) or Version(version).is_prerelease:
        return None
    text = f"{free}=={version}"
    packages = tuple(text if each == free + ANY else each for each in step.packages)
    return replace(way, words=f"Take {free} {version}", steps=(*way.steps[:-1], replace(step, packages=packages)))
