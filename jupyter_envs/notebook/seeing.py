"""The content of a notebook's file at one moment, read while nobody writes it."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import NotebookError
from .exchange import still_unwritten, unwritten
from .leftovers import OTHER_WRITER_TIMEOUT, busy
from .text import MAX_BYTES, SETTLING

Identity = tuple[int, int, int]
BINARY = getattr(os, "O_BINARY", 0)


@dataclass(frozen=True)
class Seen:
    """`held`: another program had it open for writing."""

    data: bytes
    about: os.stat_result
    held: bool = False


def identity(about: os.stat_result) -> Identity:
    """The file, its length, and when its bytes were written last."""
    return about.st_ino, about.st_size, about.st_mtime_ns


def look(place: Path) -> Seen:
    """Waits for a program that is writing it in place, as far as this is known. A program that has it open for writing
    but changes nothing for a while is not waited for. Raises OSError, NotebookError."""
    until = time.monotonic() + OTHER_WRITER_TIMEOUT
    known, since = None, 0.0
    while True:
        with _opened(place) as (fd, held):
            now = identity(os.fstat(fd))
            if now != known:
                known, since = now, time.monotonic()
            if not held or time.monotonic() - since > SETTLING:
                return replace(look_at(fd, place), held=held)
        if time.monotonic() > until:
            raise busy(place, "Another program")
        time.sleep(0.01)


def glance(place: Path) -> Seen:
    """Does not wait, even if somebody is writing it. Raises OSError, NotebookError."""
    with _opened(place) as (fd, held):
        return replace(look_at(fd, place), held=held)


@contextmanager
def _opened(place: Path) -> Iterator[tuple[int, bool]]:
    """And whether another program has it open for writing."""
    if not stat.S_ISREG(place.lstat().st_mode):
        raise NotebookError("changed-on-disk", f"{place} is not a regular file any more.")
    fd = os.open(place, os.O_RDONLY | BINARY)
    try:
        yield fd, unwritten(fd) is False
    finally:
        os.close(fd)


def look_at(fd: int, place: Path) -> Seen:
    length = os.fstat(fd).st_size
    if length > MAX_BYTES:
        raise NotebookError("too-big", f"{place} is larger than {MAX_BYTES >> 20} MiB.")
    os.lseek(fd, 0, os.SEEK_SET)
    data = piece = os.read(fd, length + 1)  # in one call, if it does not grow meanwhile
    while piece and len(data) != length:
        data += (piece := os.read(fd, 1 << 20))
    return Seen(data, os.fstat(fd))


def unchanged(path: Path, seen: Seen) -> bool:
    """Whether the file is still the one that was seen, with the same bytes, and nobody is about to write it."""
    if path.lstat().st_ino != seen.about.st_ino:
        return False
    fd = os.open(path, os.O_RDONLY | BINARY)
    try:
        free = unwritten(fd)
        if free is False or look_at(fd, path).data != seen.data:
            return False
        return free is None or still_unwritten(fd)
    finally:
        os.close(fd)


def is_still(path: Path, known: Identity, *, held: bool = False) -> bool:
    """The same without reading it. `held`: another program may have it open for writing."""
    if identity(path.lstat()) != known:
        return False
    fd = os.open(path, os.O_RDONLY | BINARY)
    try:
        return (held or unwritten(fd) is not False) and identity(os.fstat(fd)) == known
    finally:
        os.close(fd)
