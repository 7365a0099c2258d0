"""Writing into a notebook's file itself: for a file with several names, one that is a mount of its own, one that
another program has open, one whose owner we may not give a new file, or one in a folder that cannot be written.

At each moment it is JSON: white space is put behind the old bytes, so that the disk has room; then, in one call, the
new ones are written over what differs, with white space up to the end; then what is too long goes. Until all is on the
disk the old bytes are kept in `<home>/kept`."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import NotebookError
from ..settings import Settings
from ..system.files import atomically
from .seeing import BINARY, Seen, identity, look_at
from .text import parse


def write(place: Path, seen: Seen, data: bytes, key: str) -> os.stat_result | None:
    """The stat of the file with the new bytes; None where somebody else has written it since, or put another in its
    place. Who writes it within the microseconds between our last look and our write is not seen. Raises OSError: then
    it is as it was; StoreError; NotebookError where it is not as it was."""
    fd = os.open(place, os.O_RDWR | BINARY)
    try:
        if os.fstat(fd).st_ino != seen.about.st_ino or look_at(fd, place).data != seen.data:
            return None
        copy = copy_of(key)
        atomically(copy, seen.data)
        try:
            done = _appended(place, fd, seen.data, data) and _fill(fd, seen.data, data)
        except OSError as error:
            _put_back(place, fd, seen.data, data, copy, error)
            copy.unlink()
            raise
        written = os.fstat(fd)
        done = done and _ours(place, look_at(fd, place).data, data, copy)
    finally:
        os.close(fd)
    copy.unlink()
    return written if done and identity(place.stat()) == identity(written) else None


def copy_of(key: str) -> Path:
    """Where the old bytes are kept until the new ones have been written."""
    return Settings.load().home / "kept" / f"{key[:8]}-before.ipynb"


def _put_back(place: Path, fd: int, old: bytes, new: bytes, copy: Path, reason: OSError) -> None:
    """Unless somebody has saved in the meantime: then their save stays."""
    try:
        there = look_at(fd, place).data
        if not _half_done(there, old, new):
            _ours(place, there, old, copy)
            return
        os.lseek(fd, 0, os.SEEK_SET)
        _write(fd, old)
        os.ftruncate(fd, len(old))
        os.fsync(fd)
    except OSError:
        raise NotebookError(
            "not-writable", f"Only part of {place} could be written: {reason.strerror}.",
            hint=f"Its previous content is in {copy}.",
        ) from reason  # fmt: skip


def _half_done(there: bytes, old: bytes, new: bytes) -> bool:
    """Whether it is the old bytes, from the beginning on up to somewhere the new ones, and white space behind."""
    lengths = sorted((len(old), len(new)))
    start = _same(there, new.ljust(len(there)))
    return lengths[0] <= len(there) <= lengths[1] and there[start:] == old.ljust(len(there))[start:]


def _appended(place: Path, fd: int, old: bytes, new: bytes) -> bool:
    """White space up to the new length: only ever after what is there. False if somebody has written in the
    meantime."""
    more = os.open(place, os.O_WRONLY | os.O_APPEND | BINARY)
    try:
        _write(more, b" " * (len(new) - len(old)))
        os.fsync(more)
    finally:
        os.close(more)
    return look_at(fd, place).data == old.ljust(len(new))


def _ours(place: Path, there: bytes, ours: bytes, copy: Path) -> bool:
    """False if somebody has written it since. Raises NotebookError if this happened at the same time."""
    if there == ours:
        return True
    try:
        parse(there)
    except NotebookError:
        raise NotebookError(
            "changed-on-disk", f"Another program wrote {place} at the same moment: check what is in it now.",
            hint=f"Its previous content is in {copy}",
        ) from None  # fmt: skip
    return False


def _fill(fd: int, old: bytes, new: bytes) -> bool:
    start = _same(old, new)
    os.lseek(fd, start, os.SEEK_SET)
    _write(fd, new[start:].ljust(len(old) - start))
    os.fsync(fd)
    if len(new) < len(old):
        os.ftruncate(fd, len(new))
        os.fsync(fd)
    return True


def _same(old: bytes, new: bytes) -> int:
    """How many bytes are equal at the beginning."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _write(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]
