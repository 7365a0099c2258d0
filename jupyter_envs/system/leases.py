"""Leases, as the store and whoever starts something see them: to hold one, to ask for one, to be the only one.

Where there is no flock, who touched the file within `STALE` seconds counts as there."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..kernel.leases import BEAT, VARIABLE, Lease, adopt, beat, hold, is_there, lock

__all__ = [
    "STALE",
    "VARIABLE",
    "Claim",
    "HeldTooLong",
    "Lease",
    "adopt",
    "alone",
    "beat",
    "exclusive",
    "held",
    "hold",
    "last_use",
    "works",
]

STALE = 10 * BEAT
POLL = 0.01
"""Seconds."""


class HeldTooLong(TimeoutError):
    """Another process did not let go of the lease of this file."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


@dataclass(frozen=True)
class Claim:
    """Whether nobody else has the lease. Where that is not `exact`, a start may come in between: whoever takes
    something away un-publishes it, asks `still`, and publishes it again if the answer is no. `there`: the file was."""

    path: Path
    got: bool
    exact: bool = True
    there: bool = True

    def __bool__(self) -> bool:
        return self.got

    def still(self) -> bool:
        return self.got and (self.exact or not _touched(self.path))


@contextmanager
def exclusive(path: Path) -> Iterator[Claim]:
    """The only lease, for as long as the block lasts: nobody gets one meanwhile. Where the file is not there, nobody
    can have it: that is a claim as well."""
    fd = _opened(path)
    if fd is None:
        yield Claim(path, not _readable_by_others(path), exact=False, there=False)
        return
    try:
        locked = lock(fd, exclusive=True)
        if locked is None:
            yield Claim(path, not _touched(path), exact=False)
        else:
            yield Claim(path, locked and is_there(fd, path))
    finally:
        os.close(fd)


@contextmanager
def alone(path: Path, patience: float) -> Iterator[bool]:
    """Like `exclusive`, once whoever has it has ended. Where there are no locks, at once: then it is no more than
    advice, and False.
    Raises OSError where there can be no such file, HeldTooLong after `patience` seconds."""
    until = time.monotonic() + patience
    while True:
        path.touch(mode=0o600)  # each time: gc sweeps the file once it looks unused, and then nobody has it
        with exclusive(path) as claim:
            if claim.there and (claim or not claim.exact):
                yield claim.exact
                return
            if not claim.there:
                with contextlib.suppress(FileNotFoundError):
                    os.close(os.open(path, os.O_RDONLY))  # raises where it will never be opened
        if time.monotonic() > until:
            raise HeldTooLong(path)
        time.sleep(POLL)


def held(path: Path) -> bool:
    """Whether somebody holds it; where that cannot be said, whether somebody touched it in the last minutes."""
    with exclusive(path) as claim:
        return not claim


def last_use(path: Path) -> float | None:
    """Seconds since the epoch."""
    try:
        # Opening makes network file systems ask again; stat alone may answer from their memory.
        with path.open("rb") as file:
            return os.fstat(file.fileno()).st_mtime
    except OSError:
        return None


def works(folder: Path) -> bool:
    """Whether a lease is exact in this folder. Raises OSError where no file can be written."""
    path = folder / f".lease-{os.urandom(4).hex()}"
    path.touch(mode=0o600)
    try:
        lease = hold(path)
        if lease is None:
            return False
        with lease, exclusive(path) as claim:
            return lease.exact and not claim
    finally:
        with contextlib.suppress(OSError):
            path.unlink()


def _opened(path: Path) -> int | None:
    for flags in (os.O_RDWR, os.O_RDONLY):  # NFS locks exclusively only what is open for writing
        with contextlib.suppress(OSError):
            return os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
    return None


def _readable_by_others(path: Path) -> bool:
    """A file that is there and that we may not read: somebody else may hold it."""
    return path.exists()


def _touched(path: Path) -> bool:
    used = last_use(path)
    return used is not None and used > time.time() - STALE
