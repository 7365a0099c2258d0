"""What is no longer needed here: environments, wheels, and what we left in our own folder.

Never what is running, what was used within the limit, what a notebook had within the limit (its undo may need it), the
base environments, and those that a named kernel is for."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from ..engines.uv.fetch_python import left_behind
from ..errors import EnvsError
from ..kernel.sweep import left
from ..machine import interpreters, kernelspecs
from ..model.closure import select
from ..notebook.leftovers import left as left_by_writers
from ..store import finishing, uses
from ..store.gc import Collected, collect
from ..store.inventory import Entry, entries
from ..system.files import left_over
from ..system.removal import Kept, bytes_of, delete
from .base import base_lock
from .here import Here
from .jobs import Jobs

DAY = 24 * 3600.0
WRITTEN = ("base", "cache", "kept", "locks", "pending", "uses", "built/*", "jobs/*")
"""Folders of the home in which files are written."""
LOCKS = 365 * DAY
"""Seconds for which a lock is kept at least: it is small, and says how to build what an old notebook had."""


@dataclass(frozen=True)
class Cleaned:
    """`leftovers`: paths in our own folder; `days`: the limit, or None if nothing that was used is deleted; `bytes` of
    all; `kept`: what should have been deleted, but could not."""

    collected: Collected
    leftovers: tuple[Path, ...]
    bytes: int
    days: float | None
    dry_run: bool
    kept: tuple[Kept, ...] = ()

    @property
    def nothing(self) -> bool:
        return not (self.collected.environments or self.collected.wheels or self.others)

    @property
    def others(self) -> int:
        """Unfinished builds, files of kernels that ended, old journals and the like."""
        return self.collected.strays + len(self.leftovers)

    def to_dict(self) -> dict[str, Any]:
        return {
            "environments": list(self.collected.environments),
            "wheels": len(self.collected.wheels),
            "leftovers": self.others,
            "bytes": self.bytes,
            "days": self.days,
            "dry_run": self.dry_run,
        }


def clean(here: Here, days: float | None, *, dry_run: bool = False) -> Cleaned:
    """`days`: delete what has not been used for this long; None: only what nobody can use any more. Raises StoreError,
    OSError."""
    seconds = math.inf if days is None else days * DAY
    mine = [entry for entry in entries(here.store, here.settings.home) if entry.mine]
    used = {entry.id: entry.used for entry in mine} | dict.fromkeys(pinned(here), math.inf)
    cached = [(engine.cache, engine.cache.unused(seconds)) for engine in here.engines.every()]
    collected = collect(here.store, used, older_than=seconds, dry_run=dry_run)
    stay = {entry.id: entry for entry in mine if entry.id not in collected.environments}
    gone = {path: _size(path) for path in _leftovers(here, seconds, stay)}
    left = {path: kept for path in gone if (kept := delete(path))} if not dry_run else {}
    gone = {path: size for path, size in gone.items() if path not in left}
    for cache, unused in cached:
        gone |= unused if dry_run else cache.remove(unused)
    gone |= left_by_writers(here.settings.home, dry_run=dry_run)
    if not dry_run and any(finishing.unfinished(here.store.own, here.settings.compile)):
        finishing.go_on(
            here.settings, engines=here.engines
        )  # uv was at work then, the disk was full, or nobody came to it
    every = (*collected.kept, *chain.from_iterable(left.values()))
    return Cleaned(collected, tuple(gone), collected.bytes + sum(gone.values()), days, dry_run, every)


def pinned(here: Here) -> set[str]:
    """Ids of the environments that always stay."""
    ids = {named.environment for named in kernelspecs.listed() if named.environment}
    for interpreter in interpreters.discover(here.settings):
        lock = base_lock(interpreter, here)
        if lock:
            with contextlib.suppress(EnvsError):
                ids.add(select(lock, interpreter).id)
    return ids


def _leftovers(here: Here, seconds: float, stay: Mapping[str, Entry]) -> Iterator[Path]:
    home, now = here.settings.home, time.time()
    for paths in left(str(home / "kernels")):
        yield from map(Path, paths)
    for folder in {home, *(folder for name in WRITTEN for folder in home.glob(name)), *kernelspecs.folders()}:
        yield from left_over(folder)
    yield from (path for path in left_behind(here.settings) if _age(path, now) >= DAY)
    if seconds == math.inf:
        return
    recently = max(seconds, DAY)  # somebody may still be looking at how a job went
    yield from Jobs(here.settings).ended_before(now - recently)
    yield from (path for path in _in(home / "locks") if _age(path, now) >= max(seconds, LOCKS))
    yield from _built(_in(home / "built"), seconds, stay.values())
    for environment_id in uses.ids_with_uses(home):
        if environment_id not in stay and now - uses.of(home, environment_id).last >= recently:
            yield home / "uses" / f"{environment_id}.json"


def _built(folders: Sequence[Path], seconds: float, stay: Iterable[Entry]) -> Iterator[Path]:
    """Wheels that were built here. That was expensive, so those that an environment here consists of are kept, however
    old they are."""
    needed = {item for entry in stay for item in entry.pointer.packages.items()} if folders else set()
    now = time.time()
    for folder in folders:
        wheels = list(folder.glob("*.whl"))
        if (
            all(_age(path, now) >= seconds and _name_and_version(path.name) not in needed for path in wheels)
            and _age(folder, now) >= DAY
        ):
            yield folder


def _name_and_version(wheel: str) -> tuple[str, str] | None:
    try:
        name, version = parse_wheel_filename(wheel)[:2]
    except InvalidWheelFilename:
        return None
    return name, str(version)


def _in(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _age(path: Path, now: float) -> float:
    """Seconds; what is just disappearing counts as new."""
    try:
        return now - path.lstat().st_mtime
    except OSError:
        return 0.0


def _size(path: Path) -> int:
    if path.is_dir() and not path.is_symlink():
        return bytes_of(path)
    with contextlib.suppress(OSError):
        return path.lstat().st_size
    return 0
