"""A disk that fails at the Nth thing asked of it."""

from __future__ import annotations

import ctypes
import errno
import io
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.system import disk as store_disk

CALLS = (
    "mkdir", "symlink", "link", "rename", "replace", "chmod", "open", "fsync", "scandir", "listdir", "unlink", "rmdir",
    "utime", "sendfile",
)  # fmt: skip
WRITING = frozenset("wax+")


class Disk:
    """Below `root` the call number `fails_at` (from 1 on) raises OSError `number`; the others work. `calls` are those
    made so far."""

    def __init__(self, root: Path, fails_at: int, number: int) -> None:
        self.root = str(root)
        self.fails_at = fails_at
        self.number = number
        self.calls: list[str] = []
        self._thread = threading.get_ident()

    @property
    def failed(self) -> bool:
        return len(self.calls) >= self.fails_at

    def step(self, name: str, *places: object) -> None:
        if threading.get_ident() != self._thread or not any(map(self._here, places)):
            return
        self.calls.append(name)
        if len(self.calls) == self.fails_at:
            raise OSError(self.number, os.strerror(self.number), self.root)

    def _here(self, place: object) -> bool:
        if isinstance(place, int):
            try:
                place = os.readlink(f"/proc/self/fd/{place}")  # noqa: PTH115
            except OSError:
                return True  # no such folder here; nothing else works with descriptors meanwhile
        return isinstance(place, (str, os.PathLike)) and self.root in os.fspath(place)

    def call(self, name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def called(*words: Any, **more: Any) -> Any:
            second = (place for place in words[1:2] if not isinstance(place, int))  # a mode, or flags
            self.step(name, *words[:1], *second, *(value for key, value in more.items() if key.endswith("dir_fd")))
            return real(*words, **more)

        return called

    def opened(self) -> Callable[..., Any]:
        real = io.open

        def called(file: Any, mode: str = "r", *words: Any, **more: Any) -> Any:
            if not WRITING & set(mode):
                return real(file, mode, *words, **more)
            if not isinstance(file, int):
                self.step("open", file)
            return _File(real(file, mode, *words, **more), self)

        return called


class _File:
    """A file of which writing is a step of its own."""

    def __init__(self, real: Any, disk: Disk) -> None:
        self._real = real
        self._disk = disk

    def write(self, data: Any) -> Any:
        self._disk.step("write", self._disk.root)
        return self._real.write(data)

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *_: object) -> None:
        self._real.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class Libc:
    """Only syncfs, which does nothing: most of the time would go there."""

    def __init__(self, disk: Disk | None) -> None:
        self._disk = disk

    def syncfs(self, _: int) -> int:
        try:
            if self._disk:
                self._disk.step("syncfs", self._disk.root)
        except OSError as error:
            ctypes.set_errno(error.errno or errno.EIO)
            return -1
        return 0


@contextmanager
def failing(root: Path, fails_at: int, number: int) -> Iterator[Disk]:
    disk = Disk(root, fails_at, number)
    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, disk.call(name))
        opened = disk.opened()
        patch.setattr(io, "open", opened)
        patch.setattr("builtins.open", opened)
        patch.setattr(ctypes, "CDLL", lambda *_, **__: Libc(disk))
        patch.setattr(store_disk, "later", lambda work: work())  # in turn, or nobody could count
        yield disk
