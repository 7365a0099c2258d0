"""`pip uninstall`: what is not there is skipped, and what another package needs stays. Both are said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..model.block import Block
from ..model.lock import Lock
from ..model.progress import Changed
from .plan import name_of

NOTHING: Changed = {}


@dataclass(frozen=True)
class Leaving:
    """Canonical names that somebody wants to be rid of: `declared` can go, `locked` are only here because another
    package needs them, and `missing` are not in the notebook's environment."""

    declared: tuple[str, ...]
    locked: tuple[str, ...]
    missing: tuple[str, ...]

    def notes(self, after: Lock | None, changed: Changed = NOTHING) -> list[str]:
        """`after`: the lock without them; where nothing is done yet, it has what `changed` is going to remove."""
        gone = {name for name, (_, version) in changed.items() if version is None}
        there = {package.name for package in after.packages} - gone if after else set()
        notes = [f"Skipped {name}: this notebook does not have it." for name in self.missing]
        return notes + [f"{name} stays: another package needs it." for name in self.locked if name in there]


def leaving(block: Block | None, words: Iterable[str]) -> Leaving:
    names = dict.fromkeys(name_of(word) for word in words)
    declared = set(block.spec.names) if block else set()
    locked = {package.name for package in block.lock.packages} - declared if block and block.lock else set()
    return Leaving(
        tuple(name for name in names if name in declared),
        tuple(name for name in names if name in locked),
        tuple(name for name in names if name not in declared | locked),
    )
