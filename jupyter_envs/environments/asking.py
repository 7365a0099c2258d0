"""The questions of a change, before anything is done, and what is learned from the answers."""

from __future__ import annotations

from collections.abc import Sequence

from ..consent import gate
from ..consent.ownership import Change, Say, ask_before_reaching, list_digest, lock_digest, say_of
from ..consent.questions import needs_build
from ..errors import EnvsError
from ..machine.interpreters import Interpreter
from ..model.block import Block
from ..model.closure import Closure
from ..model.lock import Lock
from ..model.options import Options
from ..model.spec import Spec
from .here import Here
from .plan import Plan


def hear_block(plan: Plan, interpreter: Interpreter, here: Here) -> Say:
    """What the block contributes to a change, after a question about what would contact an address that only the block
    names. Raises ConsentNeeded, PolicyError."""
    change = Change(plan.before, plan.spec, plan.limited, plan.back)

    def now() -> Say:
        return say_of(change, interpreter, here.consents, lambda closure: _was_approved(closure, here))

    say = now()
    if say.own or not say.reaches:
        return say
    digest = here.consent_digest(say.closure)
    ask_before_reaching(say, change, digest, here.consents, plan.options.accept, here.to_fetch)
    return now()


def check_sources(say: Say, plan: Plan, here: Here) -> None:
    """Whether a policy allows what the change would request from other places, or build. Raises PolicyError."""
    spec, typed = plan.spec, plan.limited
    kept = [row.name for row in say.closure.rows if row.kind in ("vcs", "directory") and row.name in spec.names]
    elsewhere = [name for name, item in typed.items() if item.source] + [name for name in kept if name not in typed]
    here.consents.policy.check_sources(elsewhere, {name: spec.index_of(name) for name in plan.options.allow_build})


def ask_before_code(closure: Closure, options: Options, here: Here) -> None:
    """Asks about source that was never built with the user's consent. Once uv has built it, it would use it without a
    question. Raises ConsentNeeded `needs-build`."""
    new = here.consents.new_in(closure)
    names = [
        row.name
        for row in closure.rows
        if row.runs_code and row.kind != "directory" and row.name in new and row.name not in options.allow_build
    ]
    if names:
        minor = closure.interpreter.minor
        why = {row.name: f"{row.name} {row.version} has no wheel for Python {minor}" for row in closure.rows}
        raise needs_build(names, why={name: why[name] for name in names})


def approve(
    closure: Closure, digest: str, options: Options, here: Here, *, say: Say | None = None, beyond: Sequence[str] = ()
) -> gate.Approved:
    """The gate, with what the user said in the options. `say`: of a change, what the block contributed. Raises
    ConsentNeeded, PolicyError."""
    had = frozenset(row.sha256 for row in say.closure.rows) if say else frozenset()
    answer = gate.Answer(options.accept, typed=say is not None and say.own, startup=options.allow_startup, had=had)
    seen = here.store.at_start
    return gate.approve(closure, digest, here.consents, answer, to_fetch=here.to_fetch, beyond=beyond, at_start=seen)


def learn(closure: Closure, spec: Spec, lock: Lock, how: str, here: Here, *, resolved: bool) -> None:
    """A list that was typed or shown may influence changes from now on, and so may a lock that was resolved here from
    it."""
    made = [list_digest(spec, closure.interpreter, lock), *([lock_digest(lock)] if resolved else [])]
    here.consents.remember(here.consent_digest(closure), closure, how, made)


def is_own(block: Block, spec: Spec, interpreter: Interpreter, here: Here) -> bool:
    """Whether everything in the block was typed or approved."""
    return say_of(Change(block, spec), interpreter, here.consents, lambda closure: _was_approved(closure, here)).own


def _was_approved(closure: Closure, here: Here) -> bool:
    """As a whole, for this Python: not only each of its files."""
    try:
        return here.consent_digest(closure) in here.consents.all()
    except EnvsError:  # an index of it is not configured any more
        return False
