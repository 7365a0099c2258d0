"""Reads files that we left somewhere. What is in their place by now may be anything: a folder, a pipe that nobody
writes to, a device without an end, somebody else's file. It must neither block us nor be mistaken for ours."""

from __future__ import annotations

import errno
import json
import os
import stat
from typing import Any, Dict

Json = Dict[str, Any]

LARGEST = 64 << 20
"""Bytes; a journal or a lock of ours is a few of them at most."""
SMALL = 8192
"""Bytes that hold most of our files; a larger buffer takes longer to make than to fill."""
FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)


def content(path: str | os.PathLike[str]) -> bytes:
    """A regular file. Raises OSError if it is not one, or cannot be read."""
    return _read(path, ours=False)


def own(path: str | os.PathLike[str]) -> bytes:
    """The same, and PermissionError for a file that somebody else has made, or may change."""
    return _read(path, ours=True)


def read(path: str) -> Json:
    """Never raises."""
    try:
        value = json.loads(own(path).decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def private(path: str, flags: int) -> int:
    """An opener for writing: the file is only for the user, and a pipe in its place does not block."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o600)


def foreign(status: os.stat_result) -> bool:
    """Whether it belongs to somebody else, or others may write to it."""
    return os.name == "posix" and (status.st_uid != os.getuid() or bool(status.st_mode & 0o022))


def part(path: str | os.PathLike[str], offset: int, most: int) -> bytes:
    """At most this many bytes of a regular file from `offset` on; if that is negative, of its last ones. Raises
    OSError."""
    descriptor = os.open(path, FLAGS)
    try:
        status = _ordinary(descriptor, path, ours=False)
        os.lseek(descriptor, offset if offset >= 0 else max(0, status.st_size + offset), os.SEEK_SET)
        return os.read(descriptor, most)
    finally:
        os.close(descriptor)


def _ordinary(descriptor: int, path: str | os.PathLike[str], ours: bool) -> os.stat_result:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "It is not a regular file", os.fspath(path))
    if ours and foreign(status):
        raise PermissionError(
            errno.EPERM, "It belongs to another user, or other users can write to it", os.fspath(path)
        )
    return status


def _read(path: str | os.PathLike[str], ours: bool) -> bytes:
    descriptor = os.open(path, FLAGS)
    try:
        if _ordinary(descriptor, path, ours).st_size > LARGEST:
            raise OSError(errno.EFBIG, "It is too large", os.fspath(path))
        pieces = [os.read(descriptor, SMALL)]
        while len(pieces[-1]) >= SMALL:
            pieces.append(os.read(descriptor, 1 << 20))
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
    finally:
        os.close(descriptor)
