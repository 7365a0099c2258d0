"""Locks that this machine has made: the history in a notebook holds versions, not files."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec

from ..errors import EnvsError
from ..model.block import Block
from ..model.closure import Closure
from ..model.lock import Lock
from ..store import uses
from ..system.files import atomically
from .here import Here


def keep_lock(lock: Lock, now: Closure, before: Block, notebook: Path | None, here: Here) -> None:
    """By its digest. And that the notebook has `now` and had `before`: gc spares what its undo may need."""
    home = here.settings.home
    atomically(home / "locks" / f"{lock.digest[7:]}.json", msgspec.json.encode(lock))
    uses.remember(home, now.id, notebook)
    if before.lock:
        python = now.interpreter if before.lock.minor == now.interpreter.minor else None
        with suppress(EnvsError):  # made for another machine
            uses.remember(home, here.closure(before.lock, python).id, notebook)
