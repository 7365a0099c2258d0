"""Which code of an environment runs before any cell, where its pointer does not say so by the rules of today: one that
an older version published, or a closure that is not built yet. What is found out is kept in the cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..model.closure import Closure
from ..model.environment import Environment
from ..system import kept
from .shelf import Shelf
from .wheel.wheels import RULES, Wheel

Early = Mapping[str, Sequence[str]]
FOLDER = "startup"
"""`<cache>/startup/<id>-b-<8>-<rules>.json`"""


def of_environment(environment: Environment, shelves: Sequence[Shelf], cache: Path) -> Early | None:
    """None if nobody can tell any more, since a wheel is gone or was put aside."""
    file = cache / FOLDER / f"{environment.id}-{environment.prefix.name}-{RULES}.json"
    known = kept.recalled(file, dict[str, tuple[str, ...]])
    if known is not None:
        return known
    from .verify import find_wheel  # here: whoever only looks has no use for it

    wheels = [find_wheel(shelves, place) for place in environment.wheels]
    found = _at_start(wheels)
    if found is not None:
        kept.keep(file, found)
    return found


def of_wheels(closure: Closure, shelves: Sequence[Shelf]) -> Early | None:
    """None where a wheel is not unpacked yet."""
    rows = [row for row in closure.rows if not row.editable]
    found = [[shelf.wheels.find(row, closure.interpreter) for shelf in shelves] for row in rows]
    return _at_start([next((wheel for wheel in each if wheel and not wheel.drifted), None) for each in found])


def _at_start(wheels: Sequence[Wheel | None]) -> Early | None:
    from .wheel.startup import at_start

    there = sorted((wheel for wheel in wheels if wheel), key=lambda wheel: wheel.name)
    try:
        return at_start(there) if len(there) == len(wheels) else None
    except OSError:
        return None
