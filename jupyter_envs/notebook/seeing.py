"""What stands in a notebook's file at one moment, read while nobody writes it."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from ..errors import NotebookError
from .exchange import still_unwritten, unwritten
from .leftovers import PATIENCE, busy
from .text import MAX_BYTES

Identity = tuple[int, int, int]
BINARY = getattr(os, "O_BINARY", 0)


@dataclass(frozen=True)
class Seen:
    data: bytes
    about: os.stat_result


def identity(about: os.stat_result) -> Identity:
    """The file, its length, and when its bytes were written last."""
    return about.st_ino, about.st_size, about.st_mtime_ns


def look(place: Path) -> Seen:
    """Once whoever writes it in place has ended, as far as that can be said. Raises OSError, NotebookError."""
    until = time.monotonic() + PATIENCE
    while True:
        if not stat.S_ISREG(place.lstat().st_mode):
            raise NotebookError("changed-on-disk", f"Somebody else has put something in the place of {place} that is no file.")
        fd = os.open(place, os.O_RDONLY | BINARY)
        try:
            if unwritten(fd) is not False:
                return look_at(fd)
        finally:
            os.close(fd)
        if time.monotonic() > until:
            raise busy(place, "Another program")
        time.sleep(0.01)


def look_at(fd: int) -> Seen:
    length = os.fstat(fd).st_size
    if length > MAX_BYTES:
        raise NotebookError("too-big", f"The notebook is larger than {MAX_BYTES >> 20} MiB.")
    os.lseek(fd, 0, os.SEEK_SET)
    data = piece = os.read(fd, length + 1)  # in one call, if it does not grow meanwhile
    while piece and len(data) != length:
        data += (piece := os.read(fd, 1 << 20))
    return Seen(data, os.fstat(fd))


def unchanged(path: Path, seen: Seen) -> bool:
    """Whether the file is still the one that was seen, with its bytes, and nobody is about to write it."""
    if path.lstat().st_ino != seen.about.st_ino:
        return False
    fd = os.open(path, os.O_RDONLY | BINARY)
    try:
        free = unwritten(fd)
        if free is False or look_at(fd).data != seen.data:
            return False
        return free is None or still_unwritten(fd)
    finally:
        os.close(fd)


def is_still(path: Path, known: Identity) -> bool:
    """The same without reading it."""
    if identity(path.lstat()) != known:
        return False
    fd = os.open(path, os.O_RDONLY | BINARY)
    try:
        return unwritten(fd) is not False and identity(os.fstat(fd)) == known
    finally:
        os.close(fd)
