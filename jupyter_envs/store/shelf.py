"""One folder of environments and wheels, `<store>/v1`: what is published in it, and the locks of its users.

    e/<id>/b-<8>/           an environment, built at its final, unique path
    e/<id>/b-<8>.json       the signs of its folders: compared at each start
    e/<id>/current.json     its publication: one atomic step, after verification; write-protected once it is durable
    e/<id>/lease            held by processes that run from it
    w/…                     wheels, see wheels.py
    s/<8>                   staging environments
    trash/                  about to be deleted
    locks/…                 save double work; `using` keeps gc from what is being made
Nothing is renamed into place, nothing is repaired in place: an environment without a pointer does not exist."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import msgspec

from ..errors import StoreError
from ..kernel.reading import content
from ..kernel.writing import put
from ..machine.interpreters import signature
from ..model.environment import Environment, InstalledFile
from ..system import leases
from ..system.disk import boot, may_be_lost, new_name
from ..system.files import atomically, make_private, usable
from .wheel.wheels import POINTER, RULES, Wheels

ID = re.compile(r"[a-z2-7]{26}")
BUILD = re.compile(r"b-[0-9a-f]{8}")
KEEPS = "keeps-wheels"
"""A file in a shared store that promises that no wheel is ever removed from it: others may then link to them."""
BUILD_TIMEOUT = 1800.0
"""Seconds to wait for another process that builds the same thing."""


class Base(msgspec.Struct, frozen=True):
    """The Python that an environment is based on, with what changes if it is upgraded in place."""

    path: str
    version: str
    signature: list[int]

    @property
    def unchanged(self) -> bool:
        return list(signature(Path(self.path)) or ()) == self.signature


class Pointer(msgspec.Struct, frozen=True):
    """current.json. `consent` is the digest that was approved, `mode` how its files are reached, `prefix` where it was
    built: its commands name that path; `boot` since when the machine was on (disk.boot). After a power cut it counts
    only if it can no longer be written to, which says that all of it had reached the disk. `files`: as Environment has
    them, and `startup`, by the `rules` of that time; `linking`: see LINKING; `stubs`: our folder on its path."""

    dir: str
    id: str
    python: Base
    packages: dict[str, str]
    consent: str
    created: float
    wheels: tuple[str, ...] = ()
    own: int = 0
    shared: int = 0
    mode: str = "links"
    prefix: str = ""
    boot: str = ""
    startup: dict[str, tuple[str, ...]] | None = None
    rules: int = 0
    files: dict[str, InstalledFile] = {}
    linking: int = 0
    stubs: str = ""


def readable_by_others(folder: Path) -> bool:
    try:
        return folder.stat().st_mode & 0o055 == 0o055
    except FileNotFoundError:
        return False


class Shelf(msgspec.Struct, frozen=True, dict=True):
    root: Path

    @property
    def environments(self) -> Path:
        return self.root / "e"

    @property
    def trash(self) -> Path:
        return self.root / "trash"

    @cached_property
    def wheels(self) -> Wheels:
        return Wheels(self.root)

    @property
    def keeps_wheels(self) -> bool:
        return (self.root / KEEPS).exists()

    def pointer(self, environment_id: str) -> Pointer | None:
        """What is published; never a path outside the environment's folder."""
        with contextlib.suppress(OSError):
            return self.stated(environment_id)
        return None

    def stated(self, environment_id: str) -> Pointer | None:
        """The same for a caller that deletes what is not published. Raises OSError if this is not known."""
        if not ID.fullmatch(environment_id):
            return None
        try:
            file = f"{self.root}/e/{environment_id}/{POINTER}"
            pointer = msgspec.json.decode(content(file), type=Pointer)  # gc and lists read thousands
        except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        if pointer.boot not in ("", boot()) and may_be_lost(file):
            return None
        return pointer if BUILD.fullmatch(pointer.dir) and self._in_place(environment_id, pointer) else None

    def _in_place(self, environment_id: str, pointer: Pointer) -> bool:
        """No environment exists in a store that was moved or copied; its wheels do, so building takes milliseconds."""
        here = f"{self.root}/e/{environment_id}/{pointer.dir}"
        if pointer.prefix in ("", here):
            return True
        try:
            return os.path.samefile(pointer.prefix, here)  # noqa: PTH121
        except OSError:
            return False

    def environment(self, environment_id: str, pointer: Pointer) -> Environment:
        about = pointer.python.version, pointer.packages, pointer.created, pointer.wheels, pointer.own, pointer.shared
        startup = pointer.startup if pointer.rules == RULES else None
        prefix = self.environments / environment_id / pointer.dir
        return Environment(environment_id, prefix, *about, startup, pointer.consent, pointer.files)

    def ids(self) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self.environments) if ID.fullmatch(name))  # noqa: PTH208
        except FileNotFoundError:
            return []

    def unpublish(self, environment_id: str, only: str | None = None) -> None:
        """`only`: this build, and not one that has replaced it since."""
        if only is not None and (now := self.pointer(environment_id)) and now.dir != only:
            return
        (self.environments / environment_id / POINTER).unlink(missing_ok=True)

    def withdraw(self, environment_id: str, alone: leases.Claim) -> Path | None:
        """Unpublishes it and moves it out of sight, for a caller who is the only one with its lease; the caller deletes
        what is returned. Without locks, somebody may have taken a lease before this was seen: then it is published
        again, and None is returned. Raises OSError if it cannot be moved: then it is published again, too."""
        from ..system.removal import delete, take_away  # here: whoever looks takes nothing away

        folder = self.environments / environment_id
        pointer = folder / POINTER
        aside = pointer.with_name(f".{new_name()}.json")
        with contextlib.suppress(FileNotFoundError):
            pointer.replace(aside)
        gone = None
        try:
            if alone.still():
                gone = take_away(folder, self.trash)
        finally:
            with contextlib.suppress(FileNotFoundError):
                # Not over what a builder has published since.
                aside.unlink() if gone or pointer.exists() else aside.replace(pointer)
        if gone == folder:
            delete(folder)  # while nobody can build it again
        return gone

    def watch(self, pointer: Pointer, signs: Mapping[str, Sequence[int] | None], *, durable: bool = True) -> None:
        """`durable`: it is on the disk afterwards. Raises OSError."""
        file = self.environments / pointer.id / f"{pointer.dir}.json"
        (atomically if durable else put)(file, msgspec.json.encode(signs), mode=0o644)

    def watched(self, pointer: Pointer) -> dict[str, list[int]] | None:
        """Path below the environment -> sign at publication: of its own folders, of what runs from them, and of its
        wheels' folders (`.w/<n>/l/…`). None if somebody has removed this list."""
        file = self.environments / pointer.id / f"{pointer.dir}.json"
        try:
            return msgspec.json.decode(content(file), type=dict[str, list[int]])
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    def ready(self) -> None:
        """Raises StoreError where it cannot be used, or others could write to it. Others may read its folders if they
        may read the store's own."""
        usable(self.root.parent)
        usable(self.root)
        mode = 0o755 if readable_by_others(self.root.parent) else 0o700
        for folder in (self.root, self.environments, self.wheels.root):
            make_private(folder)
            if stat.S_IMODE(folder.stat().st_mode) != mode:
                folder.chmod(mode)
        for name in ("s", "locks", "trash"):
            make_private(self.root / name)
        usable(self.root.parent)
        usable(self.root)

    # -- keeping apart ---------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Nobody else makes `name` at the same time, unless the file system has no locks: then both do, and the first
        to publish wins. Raises StoreError `store-busy`."""
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(leases.alone(self._lock(name), BUILD_TIMEOUT))
            except TimeoutError:
                raise StoreError(
                    "store-busy", "Another process has been building this environment for half an hour.",
                    hint="Look for a `jupyter envs` process that hangs, then try again.",
                ) from None  # fmt: skip
            yield

    @contextlib.contextmanager
    def unmade(self, name: str) -> Iterator[leases.Claim]:
        """Whether nobody is making `name` now; if so, nobody starts until the end of the block."""
        with leases.exclusive(self._lock(name)) as claim:
            yield claim

    @contextlib.contextmanager
    def unused(self) -> Iterator[leases.Claim]:
        """Whether nobody is `using` anything now; if so, nobody starts until the end of the block."""
        with leases.exclusive(self._lock("using")) as claim:
            yield claim

    @contextlib.contextmanager
    def using(self) -> Iterator[None]:
        """What is being made, and the wheels that were found, stay until the end of the block: gc deletes none."""
        held = leases.hold(self._lock("using"), patience=BUILD_TIMEOUT)
        if held is None:
            raise StoreError(
                "store-busy", "Another process has been cleaning this store for half an hour.", hint="Try again later."
            )
        with held:
            yield

    def _lock(self, name: str) -> Path:
        path = self.root / "locks" / name
        path.touch(mode=0o600)
        return path
