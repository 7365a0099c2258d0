"""The base environment: ipykernel and nothing else, for the default Python."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec

from ..errors import EnvsError
from ..machine import interpreters
from ..machine.interpreters import Interpreter
from ..model.closure import Closure, select
from ..model.lock import Lock
from ..model.lock_rules import check_lock
from ..store import Environment
from ..system import kept
from ..system.files import atomically
from .here import Here


def find_base(here: Here) -> Environment | None:
    """None if it is not built."""
    closure = base_closure(here)
    return here.store.find(closure.id) if closure else None


def base_closure(here: Here) -> Closure | None:
    """None if it was never locked."""
    interpreter = interpreters.choose(None, here.settings)
    lock = base_lock(interpreter, here)
    return select(lock, interpreter) if lock else None


def base_lock(interpreter: Interpreter, here: Here) -> Lock | None:
    """None if it does not exist, or is not valid here: then it is made again."""
    lock = kept.recalled(_file(interpreter, here), Lock)
    with suppress(EnvsError):
        if lock and check_lock(lock, "base").minor == interpreter.minor and select(lock, interpreter):
            return lock
    return None


def remember_base(lock: Lock, interpreter: Interpreter, here: Here) -> None:
    atomically(_file(interpreter, here), msgspec.json.encode(lock))


def _file(interpreter: Interpreter, here: Here) -> Path:
    return here.settings.home / "base" / f"{interpreter.minor}.json"
