"""Leases, for the store and for whatever starts a program: to hold one, to ask about one, to have the only one. Without
flock, a process that touched the file within the last `STALE` seconds counts as a holder."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..kernel.leases import BEAT, LEASE_VARIABLE, Lease, adopt, beat, hold, is_there, lock

__all__ = [
    "LEASE_VARIABLE",
    "STALE",
    "Claim",
    "HeldTooLong",
    "Lease",
    "adopt",
    "alone",
    "beat",
    "exclusive",
    "hold",
    "is_held",
    "last_use",
    "works",
]

STALE = 10 * BEAT
POLL = 0.01
"""Seconds."""


class HeldTooLong(TimeoutError):
    """Another process did not release the lease of this file in time."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


class Claim:
    """Whether nobody else has the lease. If the answer is not `exact`, a program may start between the question and the
    answer: before something is deleted, un-publish it, ask `still`, and publish it again if the answer is no. `there`:
    whether the file existed."""

    def __init__(self, path: Path, got: bool, *, exact: bool = True, there: bool = True) -> None:
        self.path = path
        self.got = got
        self.exact = exact
        self.there = there

    def __bool__(self) -> bool:
        return self.got

    def still(self) -> bool:
        return self.got and (self.exact or not _touched(self.path))


@contextmanager
def exclusive(path: Path) -> Iterator[Claim]:
    """The only lease, for as long as the block lasts: nobody else gets one in that time. If the file does not exist,
    nobody can hold it, so that is a valid claim too."""
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
    """Like `exclusive`, but waits until other holders have ended. Without locks it does not wait: it is then only
    advice, and yields False. Raises OSError if the file cannot be made, and HeldTooLong after `patience` seconds."""
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


def is_held(path: Path) -> bool:
    """Whether somebody holds it; if that is not known, whether somebody touched it in the last minutes."""
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
    """Whether leases are exact in this folder. Raises OSError if no file can be written there."""
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
    """A file that exists and that we may not read: somebody else may hold it."""
    return path.exists()


def _touched(path: Path) -> bool:
    used = last_use(path)
    return used is not None and used > time.time() - STALE
