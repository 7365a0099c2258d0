"""What a change is: how it may be made, what it did, and how two locks differ."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
from packaging.requirements import Requirement

from .block import Block
from .block import Change as Entry
from .closure import rows_here
from .interpreters import Interpreter
from .lock import Lock, Package
from .report import Changed
from .sources import Typed
from .store import Environment


@dataclass(frozen=True)
class Options:
    """`accept`: a consent digest, or "yes"; `base_dir`: where typed relative paths start; `notebook`: absolute path of
    the one that it is for, to remember who uses an environment."""

    accept: str | None = None
    allow_build: frozenset[str] = frozenset()
    allow_startup: frozenset[str] = frozenset()
    offline: bool = False
    prerelease: bool = False
    editable: tuple[str, ...] = ()
    indexes: dict[str, tuple[str, ...]] | None = None
    """Which index gives which package, where that was typed with the change."""
    base_dir: Path | None = None
    notebook: Path | None = None
    build: bool = True
    fetch_python: Literal["ask", "yes", "no"] = "ask"
    """Whether a Python that is not here may be fetched; `ask`: with a consent digest that says so."""


DEFAULTS = Options()


@dataclass(frozen=True)
class Change:
    """What a use case did. `changed`: name -> (version before, after); `satisfied`: there was nothing to do."""

    block: Block
    changed: Changed
    environment: Environment | None = None
    notes: tuple[str, ...] = ()
    satisfied: bool = False
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        return {
            "block": self.block.to_dict(),
            "changed": {name: list(pair) for name, pair in self.changed.items()},
            "environment": self.environment.to_dict() if self.environment else None,
            "notes": list(self.notes),
            "satisfied": self.satisfied,
            "seconds": round(self.seconds, 3),
        }


def difference(before: Lock | None, after: Lock, interpreter: Interpreter) -> Changed:
    """Versions that differ on this machine."""
    old = versions(before, interpreter) if before else {}
    new = versions(after, interpreter)
    return {
        name: (old.get(name), new.get(name))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }


def versions(lock: Lock, interpreter: Interpreter) -> dict[str, str]:
    return {row.name: row.version for row in rows_here(lock.packages, interpreter)}


def satisfied(lock: Lock, item: Typed) -> bool:
    if item.placed:
        return False
    wanted = Requirement(item.requirement)
    if wanted.extras or wanted.marker:
        return False
    return any(
        package.name == item.name
        and not package.marker
        and wanted.specifier.contains(package.version, prereleases=True)
        for package in lock.packages
    )


def reverted(lock: Lock, entry: Entry) -> Lock:
    """The lock with the versions that an entry of the history moved as they were before it: a wish, not a lock that
    could be installed, since its files are those of the later versions."""
    rows = []
    for row in lock.packages:
        old, new = entry.changed.get(row.name, (row.version, row.version))
        if row.version == new and old is not None:
            rows.append(msgspec.structs.replace(row, version=old))
        elif row.version != new:
            rows.append(row)
    known = {row.name for row in rows}
    gone = [
        Package(name=n, version=old)
        for n, (old, new) in entry.changed.items()
        if new is None and old and n not in known
    ]
    return msgspec.structs.replace(lock, packages=(*rows, *gone))
