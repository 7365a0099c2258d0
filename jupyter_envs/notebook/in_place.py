"""Writing into a notebook's file itself: for a file with several names, one that is a mount of its own, one whose owner
we may not give a new file, or one in a folder that cannot be written.

At each moment it is JSON: white space is put behind the old bytes, so that the disk has room; then, in one call, the new
ones are written over what differs, with white space up to the end; then what is too long goes. Until all is on the disk
the old bytes are kept in `<home>/kept`."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import NotebookError
from ..settings import Settings
from ..write import atomically
from .seeing import BINARY, Seen, identity, look_at


def write(place: Path, seen: Seen, data: bytes, key: str) -> os.stat_result | None:
    """The stat of the file with the new bytes; None where somebody else has written it since, or put another in its
    place. Raises OSError: then it is as it was; StoreError; NotebookError where it is not as it was."""
    fd = os.open(place, os.O_RDWR | BINARY)
    try:
        if os.fstat(fd).st_ino != seen.about.st_ino or look_at(fd).data != seen.data:
            return None
        copy = copy_of(key)
        atomically(copy, seen.data)
        try:
            _fill(fd, seen.data, data)
        except OSError as error:
            _put_back(fd, seen.data, copy, error)
            raise
        written = os.fstat(fd)
    finally:
        os.close(fd)
    copy.unlink()
    return written if identity(place.stat()) == identity(written) else None


def copy_of(key: str) -> Path:
    """Where the old bytes are until the new ones have been written."""
    return Settings.load().home / "kept" / f"{key[:8]}-before.ipynb"


def _put_back(fd: int, old: bytes, copy: Path, reason: OSError) -> None:
    try:
        _write(fd, old, 0)
        os.ftruncate(fd, len(old))
        os.fsync(fd)
    except OSError:
        raise NotebookError(
            "not-writable", f"The notebook could be written only in part: {reason.strerror}.",
            hint=f"What was in it before is in {copy}.",
        ) from reason  # fmt: skip
    copy.unlink()


def _fill(fd: int, old: bytes, new: bytes) -> None:
    try:
        _write(fd, b" " * (len(new) - len(old)), len(old))
        os.fsync(fd)
    except OSError:
        os.ftruncate(fd, len(old))
        raise
    start = _same(old, new)
    _write(fd, new[start:].ljust(len(old) - start), start)
    os.fsync(fd)
    if len(new) < len(old):
        os.ftruncate(fd, len(new))
        os.fsync(fd)


def _same(old: bytes, new: bytes) -> int:
    """How many bytes are the same at the beginning."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _write(fd: int, data: bytes, at: int) -> None:
    while data:
        os.lseek(fd, at, os.SEEK_SET)
        done = os.write(fd, data)
        data, at = data[done:], at + done
