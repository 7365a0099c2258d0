"""What a finished wheel is like. The file that says that it is finished (`compiled`, `frozen`) holds it: whatever differs
later was not done by us."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from .disk import prepare, sign
from .shelf import Shelf
from .survey import CACHE
from .tree import HOPS
from .wheels import COMPILED, FROZEN, Wheel


class Seal(msgspec.Struct, frozen=True):
    """Paths are relative to the wheel's folder. `caches`: each `__pycache__` with its sign (disk.sign); `files`: inode, mtime
    in ns and size of every file; `bytecode`: sha256 of what was compiled here. Of a wheel whose bytecode Python makes, the
    first and the last are empty."""

    caches: dict[str, tuple[int, int]] = {}
    files: dict[str, tuple[int, int, int]] = {}
    bytecode: dict[str, str] = {}

    def edited(self, folder: Path) -> bool:
        """Whether a file or a `__pycache__` is not as it was: some microseconds for each."""
        base = str(folder)
        return any(_sign(f"{base}/{path}") != known for path, known in self.files.items()) or any(
            sign(f"{base}/{path}") != list(known) for path, known in self.caches.items()
        )


NOTHING = Seal()


def seal_of(wheel: Wheel) -> Seal:
    """Empty for one that is not finished, or was by version 0.1.0, which wrote nothing down."""
    for name in (COMPILED, FROZEN):
        try:
            return msgspec.json.decode((wheel.folder / name).read_bytes(), type=Seal)
        except (OSError, msgspec.MsgspecError):
            continue
    return NOTHING


def seal(wheel: Wheel, made: Iterable[Path] | None) -> None:
    """Says that the wheel is finished. `made`: its bytecode; None where Python makes that. Raises OSError."""
    files = list(_files(wheel.folder, caches=made is not None))
    hashes = {path.relative_to(wheel.folder).as_posix(): sha256_of(path) for path in made or ()}
    _write(wheel, FROZEN if made is None else COMPILED, _signed(wheel, files, hashes))


def renew(wheel: Wheel) -> None:
    """After a look at every file: what differs did no harm. Raises OSError."""
    old = seal_of(wheel)
    if old is not NOTHING:
        there = (path for path in old.files if (wheel.folder / path).exists())
        _write(wheel, COMPILED if wheel.compiled else FROZEN, _signed(wheel, there, old.bytecode))


def of_wheels(wheels: Iterable[Wheel]) -> dict[str, list[int]]:
    """What an environment with these watches of them: path below it -> sign."""
    signs: dict[str, list[int]] = {}
    for number, wheel in enumerate(wheels):
        signs |= {f"{HOPS}/{number}/l/{path}": [*known] for path, known in wheel.facts.folders.items()}
        signs |= {f"{HOPS}/{number}/{path}": [*known] for path, known in seal_of(wheel).caches.items()}
    return signs


def watch(shelf: Shelf, wheels: Iterable[Wheel]) -> None:
    """From now on, each start of an environment that was there before these were finished looks at their bytecode too."""
    caches = {wheel.place: seal_of(wheel).caches for wheel in wheels}
    for environment_id in shelf.ids() if caches else ():
        pointer = shelf.pointer(environment_id)
        watched = shelf.watched(pointer) if pointer and not caches.keys().isdisjoint(pointer.wheels) else None
        if pointer and watched is not None:
            more = {f"{HOPS}/{number}/{path}": [*known] for number, place in enumerate(pointer.wheels)
                    for path, known in caches.get(place, {}).items()}  # fmt: skip
            prefix = shelf.environments / pointer.id / pointer.dir
            if (prefix / HOPS / "0").exists():
                shelf.watch(pointer, watched | more)


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _signed(wheel: Wheel, files: Iterable[str], bytecode: dict[str, str]) -> Seal:
    signs = {path: known for path in files if (known := _sign(f"{wheel.folder}/{path}"))}
    folders = dict.fromkeys(os.path.dirname(path) for path in bytecode)  # noqa: PTH120
    caches = {path: (now[0], now[1]) for path in folders if (now := sign(f"{wheel.folder}/{path}"))}
    return Seal(caches, signs, bytecode)


def _write(wheel: Wheel, name: str, value: Seal) -> None:
    prepare(wheel.folder / name, msgspec.to_builtins(value)).replace(wheel.folder / name)


def _files(folder: Path, *, caches: bool) -> Iterator[str]:
    for top in ("l", "p"):
        for place, folders, names in os.walk(folder / top):
            folders[:] = [name for name in folders if caches or name != CACHE]
            below = os.path.relpath(place, folder)
            yield from (f"{below}/{name}" for name in names)


def _sign(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return (status.st_ino, status.st_mtime_ns, status.st_size) if stat.S_ISREG(status.st_mode) else None
