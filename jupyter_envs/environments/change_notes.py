"""What a change has to say beside its result: about everything that was typed and does not show in it."""

from __future__ import annotations

from collections.abc import Sequence

from ..machine.interpreters import Interpreter
from ..model.closure import applies, marker_environment, rows_here
from ..model.lock import Lock
from .imported_pins import moved
from .plan import Plan

NAMED = 8
"""How many packages are named; the rest are counted."""


def notes_of(plan: Plan, lock: Lock, interpreter: Interpreter) -> list[str]:
    others = moved(plan.pins or (), lock, interpreter)
    return [*plan.notes, *others, *_not_here(plan, interpreter), *_from_indexes(plan, lock, interpreter)]


def _not_here(plan: Plan, interpreter: Interpreter) -> list[str]:
    """Of the lines that were typed, those that do not apply here."""
    here = marker_environment(interpreter)
    texts = [item.text for item in plan.asked if not applies(item.marker, here)]
    if not texts:
        return []
    why = "since the condition does not apply to this Python and system"
    return [f"Recorded, but not installed, {why}: {_listed(texts)}."]


def _from_indexes(plan: Plan, lock: Lock, interpreter: Interpreter) -> list[str]:
    """Packages that had a source of their own, until a version was typed."""
    before = rows_here(plan.before.lock.packages, interpreter) if plan.before.lock else []
    said = {*plan.typed, *(item.name for item in plan.options.overrides)}
    own = {row.name for row in before if (row.vcs or row.directory) and row.name in said}
    now = {row.name for row in rows_here(lock.packages, interpreter) if not (row.vcs or row.directory)}
    names = sorted(own & now)
    if not names:
        return []
    come = "comes" if len(names) == 1 else "come"
    return [f"{_listed(names)} now {come} from an index, and no longer from the source that was named earlier."]


def _listed(texts: Sequence[str]) -> str:
    more = len(texts) - NAMED
    return ", ".join(texts[:NAMED]) + (f" and {more} more" if more > 0 else "")
