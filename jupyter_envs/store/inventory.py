"""The environments on this machine as people see them: how large they are, how old, what used them, and their state.

There may be a thousand, and a list has to appear at once: paths are strings here, and no file is examined twice."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import msgspec

from ..kernel.leases import lock
from ..model.environment import python_of
from ..system.leases import STALE
from . import Environment, Store, uses
from .damage import is_outdated
from .shelf import BUILD, Pointer, Shelf
from .wheel.wheels import POINTER

State = Literal["ready", "outdated", "stale-python", "damaged"]


@dataclass(frozen=True)
class Entry:
    """`used`: POSIX seconds of the last use, or of the build; `notebooks`: absolute path -> POSIX seconds; `running`:
    something runs from it; `state`: `stale-python` if its Python was changed or removed, `damaged` if its files were,
    `outdated` if it is linked again before its next use;
    `mine`: it can be deleted, and is not in a store that somebody else manages."""

    shelf: Shelf
    pointer: Pointer
    used: float
    notebooks: dict[str, float]
    running: bool
    state: State
    mine: bool

    @property
    def id(self) -> str:
        return self.pointer.id

    @cached_property
    def environment(self) -> Environment:
        return self.shelf.environment(self.pointer.id, self.pointer)

    def to_dict(self) -> dict[str, Any]:
        return {
            **self.environment.to_dict(),
            "created": self.pointer.created,
            "used": self.used,
            "own": self.pointer.own,
            "shared": self.pointer.shared,
            "mode": self.pointer.mode,
            "notebooks": self.latest_notebooks,
            "running": self.running,
            "state": self.state,
            "mine": self.mine,
        }

    @property
    def latest_notebooks(self) -> list[str]:
        """The notebook that used it last comes first."""
        return sorted(self.notebooks, key=lambda path: (-self.notebooks[path], path))


def entries(store: Store, home: Path, *, thorough: bool = False) -> Iterator[Entry]:
    """Every published environment. `thorough`: also checks whether a folder of it has changed since then. This takes a
    millisecond for each, and takes damaged ones out of use, as the start of a kernel would."""
    known = frozenset(uses.ids_with_uses(home))
    unchanged: dict[tuple[object, ...], bool] = {}
    there: dict[str, bool] = {}
    seen: set[str] = set()
    for shelf in store.shelves:
        root = str(shelf.environments)
        for environment_id in shelf.ids():
            if environment_id in seen:
                continue
            folder = f"{root}/{environment_id}"
            pointer = _pointer(folder)
            if pointer is None or pointer.id != environment_id:
                continue
            seen.add(environment_id)
            python = (pointer.python.path, *pointer.python.signature)
            if python not in unchanged:
                unchanged[python] = pointer.python.unchanged
            sound = unchanged[python] and os.path.exists(f"{folder}/{pointer.dir}/{_PYTHON}")  # noqa: PTH110
            used, running = _lease(f"{folder}/lease")
            told = uses.of(home, environment_id) if environment_id in known else uses.Uses()
            yield Entry(
                shelf=shelf,
                pointer=pointer,
                used=max(pointer.created, used, told.last),
                notebooks=told.notebooks,
                running=running,
                state=_state(store, pointer, there, thorough) if sound else "stale-python",
                mine=shelf is store.own,
            )


def _pointer(folder: str) -> Pointer | None:
    try:
        pointer = _POINTERS.decode(uses.content(f"{folder}/{POINTER}"))
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return pointer if BUILD.fullmatch(pointer.dir) else None


_POINTERS = msgspec.json.Decoder(Pointer)
_PYTHON = python_of(Path()).as_posix()


def _state(store: Store, pointer: Pointer, there: dict[str, bool], thorough: bool) -> State:
    """Of one whose Python is there. `there`: of wheels that were looked for already, place -> whether it is there."""
    for place in pointer.wheels if pointer.mode == "links" else ():
        if place not in there:
            there[place] = any(os.path.isdir(f"{shelf.root}/w/{place}/l") for shelf in store.shelves)  # noqa: PTH112
        if not there[place]:
            return "damaged"
    if is_outdated(pointer):
        return "outdated"
    return "damaged" if thorough and store.health(pointer.id) == "env-drift" else "ready"


def _lease(path: str) -> tuple[float, bool]:
    """(last start in POSIX seconds, whether somebody holds it)."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return 0.0, False
    try:
        used = os.fstat(descriptor).st_mtime
        free = lock(descriptor, exclusive=True)
        return used, used > time.time() - STALE if free is None else not free
    finally:
        os.close(descriptor)
