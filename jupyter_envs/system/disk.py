"""What the store does to a disk: publish in one step, make durable, write-protect. removal.py deletes."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any

from ..errors import StoreError
from ..kernel.writing import beside, make_way

OTHERS = stat.S_IWGRP | stat.S_IWOTH
WRITE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
NEW = 8
"""Hexadecimal digits in the name of a new folder."""
FULL = (errno.ENOSPC, errno.EDQUOT)
IN_THE_WAY = (errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY, errno.ELOOP)
"""Something else is in the place of a file or folder of ours."""


def new_name() -> str:
    return os.urandom(NEW // 2).hex()


def prepare(pointer: Path, value: Mapping[str, Any]) -> Path:
    """A file that becomes `pointer` by `Path.replace`, in one atomic step, once everything is on the disk. Whatever the
    umask, others may read it, and nobody else may write to it."""
    return Path(beside(pointer, json.dumps(value, separators=(",", ":")).encode(), 0o644))


def publish(prepared: Path, pointer: Path) -> None:
    """The atomic step. A folder in the place of a pointer is none of ours, and goes. Raises OSError."""
    make_way(pointer)
    prepared.replace(pointer)


def sync(folder: Path) -> None:
    """Every byte that was written is on the disk: one syncfs is 9 times faster than fsync of each file."""
    if sys.platform == "linux":
        import ctypes  # here, like `shutil` below: most commands only look, and both cost 3 ms

        descriptor = os.open(folder, os.O_RDONLY)
        try:
            if ctypes.CDLL(None, use_errno=True).syncfs(descriptor):
                raise OSError(ctypes.get_errno(), "syncfs")
        finally:
            os.close(descriptor)
    elif hasattr(os, "sync"):
        os.sync()


@cache
def boot() -> str:
    """A name for the time since this machine was switched on: what was written during it is there, synced or not. "" if
    the system has no such name."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def make_durable(pointer: Path) -> None:
    """Removes the write bits from a pointer that was published, once everything that was written before is on the disk.
    Nobody waits for this, but the process does not end before it is done."""

    def work() -> None:
        with contextlib.suppress(OSError):  # it will be made again after a power cut
            published = os.open(pointer, os.O_RDONLY)
            try:
                sync(pointer.parent)
                os.fchmod(published, 0o444)  # this file, whatever takes its name meanwhile
            finally:
                os.close(published)

    later(work)


def later(work: Callable[[], None]) -> None:
    Thread(target=work, name="jupyter-envs-sync").start()


def may_be_lost(pointer: Path | str) -> bool:
    """Whether it may never have reached the disk."""
    try:
        return bool(os.stat(pointer).st_mode & stat.S_IWUSR)  # noqa: PTH116
    except OSError:
        return True


def freeze(folder: Path, *, shared: bool, but: frozenset[str] = frozenset()) -> None:
    """Removes the write bits from every folder and file below; executables stay executable. `shared`: an inode with
    other links may belong to somebody else (uv's cache) and is not changed. `but`: names of folders that are not
    changed."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in but]
        for name in names:
            path = os.path.join(place, name)  # noqa: PTH118  # thousands of them
            status = os.lstat(path)
            if stat.S_ISREG(status.st_mode) and status.st_mode & WRITE and not (shared and status.st_nlink > 1):
                os.chmod(path, stat.S_IMODE(status.st_mode) & ~WRITE)  # noqa: PTH101
        os.chmod(place, 0o555)  # noqa: PTH101


def sign(path: str | Path) -> list[int] | None:
    """A value that changes once something was added to, removed from or replaced in a folder: inode and mtime in ns."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return [status.st_ino, status.st_mtime_ns]


def as_they_were(place: str, signs: Mapping[str, list[int]]) -> bool:
    """Whether all of these still have their signs; maps a path below `place` to its sign. A kernel waits for this, so
    nothing here is slow."""
    look = os.stat
    try:
        for path, (inode, mtime) in signs.items():
            status = look(f"{place}/{path}")
            if status.st_mtime_ns != mtime or status.st_ino != inode:
                return False
    except (OSError, ValueError):
        return False
    return True


def disk_error(error: OSError, root: Path) -> StoreError:
    if error.errno in FULL:
        return StoreError("disk-full", f"The disk that holds {root} is full.", hint="Make room, then try again.")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return StoreError(
            "store-read-only", f"{root} cannot be written to.", hint="Set JUPYTER_ENVS_STORE to a folder of your own."
        )
    place = error.filename2 or error.filename  # what was to be replaced comes second
    hint = f"Move {place} away, then try again." if error.errno in IN_THE_WAY and place else ""
    return StoreError("store-failed", f"{root}: {error.strerror or error}.", hint=hint, details=repr(error))
