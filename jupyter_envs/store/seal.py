"""The state of a finished wheel. The file that marks it as finished (`compiled`, `frozen`) records this state: whatever
differs later was not done by us."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from ..kernel.writing import put
from ..system.disk import sign
from ..system.files import sha256_of
from .shelf import Shelf
from .wheel.inspect import CACHE, CODE, Signs
from .wheel.wheels import COMPILED, FROZEN, HOPS, UNPACKED, Wheel

TESTS = {"tests", "test"}


class Seal(msgspec.Struct, frozen=True):
    """Folders are relative to the wheel's. `caches`: each `__pycache__` with its sign (disk.sign); `files`: folder ->
    name -> mtime in ns and size, of all that holds code; `bytecode`: sha256 of what was compiled here, by path. Of a
    wheel whose bytecode Python makes, the first and the last are empty."""

    caches: dict[str, tuple[int, int]] = {}
    files: Signs = {}
    bytecode: dict[str, str] = {}

    def edited(self, wheel: Path) -> bool:
        """Whether a file with code, or a `__pycache__`, has changed: this takes two or three microseconds for each."""
        try:
            for folder, files in self.files.items():
                base = f"{wheel}/{folder}"
                for name, (mtime, size) in files.items():
                    status = os.lstat(f"{base}/{name}")
                    if status.st_mtime_ns != mtime or status.st_size != size:
                        return True
        except OSError:
            return True
        return any(sign(f"{wheel}/{path}") != list(known) for path, known in self.caches.items())


NOTHING = Seal()


def seal_of(wheel: Wheel) -> Seal:
    """Of a wheel that is not finished: its code as it was unpacked. Empty for one that version 0.1.0 finished, which
    recorded nothing."""
    for name in (COMPILED, FROZEN):
        try:
            return msgspec.json.decode((wheel.folder / name).read_bytes(), type=Seal)
        except (OSError, msgspec.MsgspecError):
            continue
    unpacked = _unpacked(wheel)
    return Seal(files=unpacked) if unpacked else NOTHING


def seal(wheel: Wheel, made: Iterable[Path] | None) -> None:
    """Marks the wheel as finished, with its code as it was unpacked: what somebody has changed since differs from its
    seal, too. `made`: its bytecode; None if Python compiles it. Raises OSError."""
    hashes = {path.relative_to(wheel.folder).as_posix(): sha256_of(path) for path in made or ()}
    found = _signed(wheel, hashes, caches=made is not None)
    unpacked = _unpacked(wheel)
    if unpacked is not None:
        bytecode = {place: files for place, files in found.files.items() if place.endswith(CACHE)}
        found = msgspec.structs.replace(found, files=unpacked | bytecode)
    _write(wheel, FROZEN if made is None else COMPILED, found)
    (wheel.folder / UNPACKED).unlink(missing_ok=True)


def _unpacked(wheel: Wheel) -> Signs | None:
    """Without bytecode, which is made anew. None for a wheel that an older version unpacked, and for a sealed one."""
    try:
        found = msgspec.json.decode((wheel.folder / UNPACKED).read_bytes(), type=Signs)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return {place: files for place, files in found.items() if not place.endswith(CACHE)}


def renew(wheel: Wheel) -> None:
    """After a look at every file that found only harmless differences. Raises OSError."""
    old = seal_of(wheel)
    if old is not NOTHING and not wheel.frozen:
        put(wheel.folder / UNPACKED, msgspec.json.encode(_signed(wheel, {}, caches=False).files), 0o644)
    elif old is not NOTHING:
        _write(wheel, COMPILED if wheel.compiled else FROZEN, _signed(wheel, old.bytecode, caches=wheel.compiled))


def of_wheels(wheels: Iterable[Wheel]) -> dict[str, list[int]]:
    """What an environment with these watches of them: path below it -> sign."""
    signs: dict[str, list[int]] = {}
    for number, wheel in enumerate(wheels):
        signs |= _watched(number, {f"l/{path}": known for path, known in wheel.facts.folders.items()})
        signs |= _watched(number, seal_of(wheel).caches)
    return signs


def _watched(number: int, folders: Mapping[str, tuple[int, int]]) -> dict[str, list[int]]:
    """Not a package's own tests: they are a third of all folders, and kernels do not import them."""
    return {f"{HOPS}/{number}/{path}": [*known] for path, known in folders.items() if TESTS.isdisjoint(path.split("/"))}


def watch(shelf: Shelf, wheels: Iterable[Wheel]) -> None:
    """From now on, each start of an environment that was there before these were finished looks at their bytecode
    too."""
    caches = {wheel.place: seal_of(wheel).caches for wheel in wheels}
    for environment_id in shelf.ids() if caches else ():
        pointer = shelf.pointer(environment_id)
        watched = shelf.watched(pointer) if pointer and not caches.keys().isdisjoint(pointer.wheels) else None
        if pointer and watched is not None:
            prefix = shelf.environments / pointer.id / pointer.dir
            for number, place in enumerate(pointer.wheels):
                watched |= _watched(number, caches.get(place, {}))
            if (prefix / HOPS / "0").exists():
                shelf.watch(pointer, watched)


def _signed(wheel: Wheel, bytecode: dict[str, str], *, caches: bool) -> Seal:
    files: Signs = {}
    signs: dict[str, tuple[int, int]] = {}
    for top in ("l", "p"):
        for place, folders, names in os.walk(wheel.folder / top):
            folders[:] = [name for name in folders if caches or name != CACHE]
            below = os.path.relpath(place, wheel.folder)
            code = {name: _sign(f"{place}/{name}") for name in names if top == "p" or name.endswith(CODE)}
            if code:
                files[below] = code
            if below.endswith(CACHE) and (known := sign(place)):
                signs[below] = known[0], known[1]
    return Seal(signs, files, bytecode)


def _write(wheel: Wheel, name: str, value: Seal) -> None:
    put(wheel.folder / name, msgspec.json.encode(value), 0o644)


def _sign(path: str) -> tuple[int, int]:
    status = os.lstat(path)
    return status.st_mtime_ns, status.st_size
