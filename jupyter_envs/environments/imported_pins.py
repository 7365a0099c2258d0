"""Versions and hashes of a foreign lock: what an engine is told of them, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..dialects.found import Pin
from ..model.closure import applies, marker_environment
from ..model.interpreter import Interpreter
from ..model.lock import Lock, Package


def hashes_of(pins: Sequence[Pin]) -> dict[str, frozenset[str]]:
    """By name and version: where a version cannot be kept, its hashes say nothing about the other one. None for a
    version that stands in several rows, of which one has no hashes."""
    found: dict[str, frozenset[str]] = {}
    for pin in pins:
        key = f"{pin.name}=={pin.version}"
        found[key] = found.get(key, frozenset()) | pin.hashes
    bare = {f"{pin.name}=={pin.version}" for pin in pins if not pin.hashes}
    return {key: hashes for key, hashes in found.items() if key not in bare}


def with_pins(previous: Lock | None, pins: Sequence[Pin], interpreter: Interpreter) -> Lock | None:
    """Rows of the notebook's own lock, and the versions of a foreign one where those are others."""
    foreign = lock_of(pins, interpreter)
    if foreign is None or previous is None:
        return foreign or previous
    new = {row.name: row.version for row in foreign.packages}
    own = [row for row in previous.packages if new.get(row.name, row.version) == row.version]
    names = {row.name for row in own}
    rows = (*own, *(row for row in foreign.packages if row.name not in names))
    return msgspec.structs.replace(previous, packages=rows)


def lock_of(pins: Sequence[Pin], interpreter: Interpreter) -> Lock | None:
    """What an engine prefers: names and versions, without files."""
    here = marker_environment(interpreter)
    rows = {pin.name: Package(pin.name, pin.version) for pin in pins if applies(pin.marker, here)}
    return Lock("1.0", "import", "", f"=={interpreter.minor}.*", tuple(rows.values())) if rows else None


def moved(pins: Sequence[Pin], lock: Lock, interpreter: Interpreter) -> list[str]:
    """A sentence about versions that could not be kept: something else needs another one."""
    wanted = lock_of(pins, interpreter)
    now = {row.name: row.version for row in lock.packages}
    others = [
        f"{row.name} {row.version} → {now[row.name]}"
        for row in (wanted.packages if wanted else ())
        if row.name in now and now[row.name] != row.version
    ]
    return [f"These versions could not be kept: {', '.join(others)}."] if others else []
