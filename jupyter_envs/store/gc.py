"""What nobody needs any more: environments that nothing used for long, then wheels that nothing links to, then
strays."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..system.disk import disk_error, new_name
from ..system.leases import exclusive, is_held, works
from ..system.removal import Kept, bytes_of, delete, take_away
from .shelf import Pointer, Shelf
from .store import Store
from .wheel.wheels import POINTER, Wheel

MADE = re.compile(r"[a-z2-7]{26}|[a-z2-7]{16}")
"""Names of the locks that an environment or a wheel is made under: its id, its key."""
UNSURE = 7 * 24 * 3600.0
"""Seconds for which nothing is deleted if the file system has no locks, so that nobody can say what is in use."""


@dataclass(frozen=True)
class Collected:
    """Ids of environments, places of wheels, how many strays, and how many bytes all of them used. `kept`: what should
    have been deleted, but could not."""

    environments: tuple[str, ...]
    wheels: tuple[str, ...]
    strays: int
    bytes: int
    kept: tuple[Kept, ...] = ()


def collect(store: Store, last_used: Mapping[str, float], *, older_than: float, dry_run: bool = False) -> Collected:
    """`last_used`: environment id -> POSIX seconds, where more is known than the time of its last start; `older_than`
    in seconds. Never what runs. Everything is first unpublished, then moved away, and deleted once nobody has to wait
    for it: a kill at any moment leaves nothing half-way. What cannot be taken away keeps nothing else from going.
    Raises StoreError where nothing can be changed here."""
    try:
        return _Collection(store.own, last_used, older_than, dry_run).run()
    except OSError as error:
        raise disk_error(error, store.own.root) from None


class _Collection:
    def __init__(self, shelf: Shelf, last_used: Mapping[str, float], older_than: float, dry_run: bool) -> None:
        self._shelf = shelf
        self._last_used = last_used
        self._older_than = older_than
        self._dry_run = dry_run
        self._now = time.time()
        self._freed = 0
        self._kept: list[Kept] = []
        self._sure = True

    def run(self) -> Collected:
        if not self._shelf.root.is_dir():
            return Collected((), (), 0, 0)
        self._shelf.ready()
        if not works(self._shelf.root / "s"):
            self._sure, self._older_than = False, max(self._older_than, UNSURE)
        gone = tuple(self._environments())
        strays, wheels = 0, list[str]()
        with self._shelf.unused() as unused:
            # A builder is using it from the moment it looks for wheels until its environment is published.
            if unused or not self._sure:
                wheels = list(self._wheels(self._needed(gone)))
                strays = sum(1 for _ in self._strays())
                self._locks()
        self._empty_trash()
        return Collected(gone, tuple(wheels), strays, self._freed, tuple(self._kept))

    @contextlib.contextmanager
    def _going_on(self, path: Path) -> Iterator[None]:
        """Whatever is wrong with one item, the others have their turn."""
        try:
            yield
        except OSError as error:
            self._kept.append(Kept.of(path, error))

    # -- environments ----------------------------------------------------------------------------------------

    def _environments(self) -> Iterator[str]:
        for environment_id in self._shelf.ids():
            folder = self._shelf.environments / environment_id
            with self._going_on(folder):
                pointer = self._shelf.pointer(environment_id)
                if pointer and self._unused(pointer) and self._withdrawn(pointer, folder):
                    self._free(pointer.own)
                    yield environment_id

    def _withdrawn(self, pointer: Pointer, folder: Path) -> bool:
        if self._dry_run:
            return not is_held(folder / "lease")
        with self._shelf.unmade(pointer.id) as unmade, exclusive(folder / "lease") as alone:
            # Read again: it may have been replaced, or used, since. Where there are no locks, builders cannot be seen.
            still = alone and (unmade or not self._sure) and self._shelf.pointer(pointer.id) == pointer
            return bool(still and self._unused(pointer) and self._shelf.withdraw(pointer.id, alone))

    def _unused(self, pointer: Pointer) -> bool:
        used = max(pointer.created, self._last_used.get(pointer.id, 0.0))
        with contextlib.suppress(FileNotFoundError):
            used = max(used, (self._shelf.environments / pointer.id / "lease").stat().st_mtime)
        # A clock that was set back makes everything look used in the future: then nothing goes.
        return self._now - used >= self._older_than

    # -- wheels ----------------------------------------------------------------------------------------------

    def _needed(self, gone: tuple[str, ...]) -> set[str] | None:
        """Places of the wheels that stay. None where not all that is published can be read: then all of them do."""
        left = set(gone)
        try:
            linked = {place for pointer in self._pointers() if pointer.id not in left for place in pointer.wheels}
            return linked | set(self._of_running())
        except OSError as error:
            self._kept.append(Kept.of(error.filename or self._shelf.environments, error))
            return None

    def _wheels(self, needed: set[str] | None) -> Iterator[str]:
        if self._shelf.keeps_wheels or needed is None:
            return
        for key in self._shelf.wheels.listed():
            folder = self._shelf.wheels.root / key
            with self._going_on(folder):
                published = self._shelf.wheels.stated(key)
                for generation in (
                    path for path in _entries(folder) if path.is_dir() and f"{key}/{path.name}" not in needed
                ):
                    known = published if published and published.folder == generation else None
                    if self._old_enough(folder if known else generation, known is not None):
                        size = known.facts.size if known else bytes_of(generation)
                        if not self._dry_run:
                            self._take_wheel(generation, known)
                        self._free(size)
                        yield f"{key}/{generation.name}"

    def _take_wheel(self, generation: Path, published: Wheel | None) -> None:
        """Raises OSError if it cannot be moved; then it is published as before."""
        pointer = generation.parent / POINTER
        aside = pointer.with_name(f".{new_name()}.json")
        if published:
            pointer.replace(aside)
        try:
            gone = take_away(generation, self._shelf.trash)
        except OSError:
            if published:
                aside.replace(pointer)
            raise
        if published:
            aside.unlink(missing_ok=True)
        if gone == generation:
            self._kept += delete(generation)

    def _old_enough(self, path: Path, known: bool) -> bool:
        """A published wheel is kept as long as environments are, since downloading it again is expensive. A stray is
        deleted at once if locks show that nobody is making it."""
        age = self._older_than if known else (0.0 if self._sure else UNSURE)
        with contextlib.suppress(OSError):
            return self._now - path.stat().st_mtime >= age
        return False

    def _of_running(self) -> Iterator[str]:
        """Wheels of environments that were replaced while something still runs from them."""
        for folder in _entries(self._shelf.environments):
            if is_held(folder / "lease"):
                for hop in folder.glob("b-*/.w/*"):
                    with contextlib.suppress(OSError, ValueError):
                        yield hop.resolve().relative_to(self._shelf.wheels.root.resolve()).as_posix()

    def _pointers(self) -> Iterator[Pointer]:
        for environment_id in self._shelf.ids():
            pointer = self._shelf.stated(environment_id)
            if pointer:
                yield pointer

    # -- strays ----------------------------------------------------------------------------------------------

    def _strays(self) -> Iterator[Path]:
        """What was not finished: builds that nothing runs from, wheels, and staging environments."""
        for folder in _entries(self._shelf.environments):
            with self._going_on(folder):
                yield from self._strays_of(folder)
        for folder in _entries(self._shelf.wheels.root):
            with self._going_on(folder):
                yield from self._away(path for path in _entries(folder) if not path.is_dir() and path.name != POINTER)
            if not self._dry_run:
                with contextlib.suppress(OSError):
                    folder.rmdir()
        yield from self._away(_entries(self._shelf.root / "s"))

    def _strays_of(self, folder: Path) -> Iterator[Path]:
        pointer = self._shelf.stated(folder.name)
        if is_held(folder / "lease"):
            return
        known = {"lease"} | ({POINTER, pointer.dir, f"{pointer.dir}.json"} if pointer else set())
        yield from self._away(path for path in _entries(folder) if path.name not in known)
        if not self._dry_run and pointer is None:
            (folder / "lease").unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                folder.rmdir()

    def _locks(self) -> None:
        """Those that nobody needs: locks of what is not here. A process that waits for one notices that it is gone, and
        makes a new one."""
        for path in [] if self._dry_run else _entries(self._shelf.root / "locks"):
            if MADE.fullmatch(path.name) and not self._here(path.name):
                with contextlib.suppress(OSError), exclusive(path) as alone:
                    if alone and alone.exact and not self._here(path.name):  # it may have been made just now
                        path.unlink()

    def _here(self, name: str) -> bool:
        return (self._shelf.environments / name).exists() or (self._shelf.wheels.root / name).exists()

    def _away(self, paths: Iterable[Path]) -> Iterator[Path]:
        for path in paths:
            with contextlib.suppress(OSError):
                if not self._sure and self._now - path.lstat().st_mtime < UNSURE:
                    continue
            size = bytes_of(path)
            kept = [] if self._dry_run else delete(path)
            self._kept += kept
            if not kept:
                self._free(size)
                yield path

    def _empty_trash(self) -> None:
        if not self._dry_run:
            for path in _entries(self._shelf.trash):
                self._kept += delete(path)

    def _free(self, size: int) -> None:
        self._freed += size


def _entries(folder: Path) -> list[Path]:
    try:
        return [folder / name for name in sorted(os.listdir(folder))]  # noqa: PTH208  # names sort faster than paths
    except (FileNotFoundError, NotADirectoryError):
        return []
