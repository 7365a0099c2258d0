"""How two locks differ, and how much of a request a lock already fulfils."""

from __future__ import annotations

import msgspec

from .block import HistoryEntry
from .closure import rows_here
from .interpreter import Interpreter
from .lock import Lock, Package
from .progress import Changed
from .requirement import Requirement


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


def satisfied(lock: Lock, item: Requirement) -> bool:
    if item.source or item.extras or item.marker:
        return False
    return any(
        package.name == item.name and not package.marker and item.specifier.contains(package.version, prereleases=True)
        for package in lock.packages
    )


def revert_entry(lock: Lock, entry: HistoryEntry) -> Lock:
    """The lock, with the versions that an entry of the history changed as they were before it. This is a request, and
    not a lock that could be installed: its files are those of the later versions."""
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
