"""Gets the facts about a failure, and tries its ways out. Each change loads this module, so what only a failure needs
is imported there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...errors import EnvsError, ResolveError

if TYPE_CHECKING:
    from ...machine.indexes.facts import Known
    from ...machine.interpreters import Interpreter
    from ...model.lock import Lock
    from ...model.progress import Report
    from ..maker import Maker
    from ..plan import Plan
    from .values import Diagnosis, Facts, Failure, Way

    Attempt = Callable[[Plan, Interpreter, Report], Lock]

CODES = ("no-such-package", "conflict", "no-wheel-here", "needs-build", "yanked")
"""Of errors whose cause the indexes may know."""
LOOK_UP = 6.0
"""Seconds for what is asked of the indexes, once about what was named, and once about what may have been meant."""
TRIALS = 8.0
"""Seconds for trying the ways out. What is not tried by then is offered as it is."""
KERNEL = "ipykernel"


@contextmanager
def explaining(plan: Plan, python: Interpreter, maker: Maker, attempt: Attempt, report: Report) -> Iterator[None]:
    """An error in here is raised with its cause and the ways out, as far as the indexes show them. `attempt`: makes the
    lock of a plan."""
    try:
        yield
    except EnvsError as error:
        offline = plan.options.offline or maker.here.settings.offline or maker.here.indexes.env.get("UV_OFFLINE")
        if error.code not in CODES or offline:
            raise
        report.phase("resolve", "Asking the index for the cause")
        found = _explained(error, plan, python, maker, attempt)
        if found is None:
            raise
        raise found from None


def _explained(error: EnvsError, plan: Plan, python: Interpreter, maker: Maker, attempt: Attempt) -> EnvsError | None:
    from .causes import diagnose
    from .trying import ways_that_work
    from .values import Failure

    failure = Failure(
        error,
        python,
        tuple(plan.typed.values()),
        plan.spec.requirements,
        maker.needs_in(plan.spec, error),
        frozenset(_sourced(plan)),
    )
    diagnosis = diagnose(failure, _facts(failure, plan, maker))
    if diagnosis is None:
        return None
    ways = () if _says_more(plan) else ways_that_work(diagnosis.ways, plan, python, maker, attempt, TRIALS)
    return _error(error, diagnosis, ways)


def _says_more(plan: Plan) -> bool:
    """Whether something was typed that a way out, which is what was typed once more, would lose."""
    options, sources = plan.options, [item for item in plan.typed.values() if item.source]
    return bool(
        options.no_deps or options.overrides or options.limits or options.before
        or any(item.extras or item.marker or (item.source and item.source.editable) for item in sources)
    )  # fmt: skip


def _facts(failure: Failure, plan: Plan, maker: Maker) -> Facts:
    from ...machine import interpreters
    from .names import alike, meant_by
    from .values import Facts

    spec, here = plan.spec, maker.here

    def look_up(names: Iterable[str]) -> dict[str, Known | None]:
        return maker.look_up({name: spec.index_of(name) for name in names}, LOOK_UP)

    told = failure.error.data.get("package"), *(failure.error.data.get("packages") or ())
    names = dict.fromkeys(
        (*filter(None, told), *(item.name for item in failure.typed), *(need.name for need in failure.needs))
    )
    known = look_up([name for name in map(str, names) if name not in failure.sourced])
    meant = [other for name in map(str, filter(None, told)) if name in known for other in meant_by(name)]
    meant += [other for name, found in known.items() if found is None for other in (*meant_by(name), *alike(name))]
    known |= look_up([name for name in meant if name not in known])
    limits = (spec.exclude_newer, plan.options.before, here.consents.policy.newest())
    limit = min(filter(None, limits), default=None)
    return Facts(
        {name: package and package.until(limit) for name, package in known.items()},
        tuple(dict.fromkeys(i.minor for i in interpreters.discover(here.settings) if not i.abiflags)),
        tuple(index.name for index in here.indexes.asked),
    )


def _sourced(plan: Plan) -> Iterator[str]:
    """What comes from a repository, an address or a folder, now or as it is locked."""
    yield from (item.name for item in plan.typed.values() if item.source)
    for row in plan.before.lock.packages if plan.before.lock else ():
        if (row.vcs or row.directory) and row.name not in plan.limited:
            yield row.name


def _error(error: EnvsError, diagnosis: Diagnosis, ways: tuple[Way, ...]) -> EnvsError:
    sentence = diagnosis.sentence
    if KERNEL in sentence:
        sentence += f" A notebook cannot run without {KERNEL}."
    words = [way.words for way in ways] or [diagnosis.hint]
    return ResolveError(
        diagnosis.code,
        sentence,
        hint=" · ".join(words[:1] + [word[0].lower() + word[1:] for word in words[1:]]),
        details=error.details,
        data={**error.data, "cause": diagnosis.cause, "ways": [way.to_dict() for way in ways]},
    )
