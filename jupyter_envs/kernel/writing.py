"""A file of ours that several processes change: one after the other, and a reader always sees a complete file.

    with one_at_a_time(path):
        value = read(path)
        replace(path, …)

A process that changes it makes a second file beside it, `.NAME.lockfile`, which only one process can make, and also
locks that file. The lock ends with its process, so the file of a process that was killed does not block others. If
files cannot be locked (Windows, some network file systems), only the second file says that somebody is working: if it
does not change for WRITE_TIMEOUT, it was left by a process that was killed."""

from __future__ import annotations

import contextlib
import os
import time
from typing import Iterator, Tuple

from . import leases
from .reading import private

Sign = Tuple[int, int]
WRITE_TIMEOUT = 2.0
"""Seconds: a change takes milliseconds."""
POLL = 0.002
"""Seconds."""
ENDING = ".lockfile"
"""The same as LEFT in system/files.py, so that cleaning deletes such files."""
_CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
_OPEN = os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
WINDOWS = os.name == "nt"
_IN_USE = (5, 32)
"""Windows: another process has the file open for a moment."""


class Busy(TimeoutError):
    """Another process has been changing this file for too long. Nothing was changed."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__(f"Another process has been changing {os.fspath(path)} for too long.")
        self.path = path


@contextlib.contextmanager
def one_at_a_time(
    path: str | os.PathLike[str], patience: float = WRITE_TIMEOUT, *, for_certain: bool = False
) -> Iterator[bool]:
    """Nobody else changes this file meanwhile. After `patience` (seconds) with one and the same other process at work,
    it goes on all the same, and says False; `for_certain`, where something of the user's would be lost: it raises Busy.
    Where no file can be made in that folder, it says False, too: nobody can write there."""
    folder, name = os.path.split(os.fspath(path))
    place = os.path.join(folder, "." + name + ENDING)
    try:
        descriptor = _taken(place, patience)
    except Busy:
        if for_certain:
            raise Busy(path) from None
        descriptor = None
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            _left(place, descriptor)


def _taken(place: str, patience: float) -> int | None:
    """None if the file cannot be made. Raises Busy, which names the place."""
    seen, until = None, time.monotonic() + patience
    while True:
        try:
            descriptor, exact = _tried(place)
        except PermissionError:
            if not WINDOWS or time.monotonic() > until:
                return None
            descriptor, exact = None, True  # what Windows says, too, of a name that is just being deleted
        except OSError:
            return None
        if descriptor is not None:
            return descriptor
        now = sign_of(place)
        if now != seen:
            seen, until = now, time.monotonic() + patience
        elif seen and time.monotonic() > until:
            if exact:
                raise Busy(place)
            _delete(place)  # nobody has it
        time.sleep(POLL)


def _tried(place: str) -> tuple[int | None, bool]:
    """The descriptor of the file, if it is ours now; and whether whoever has it lives for certain. Raises OSError where
    there can be none."""
    made = True
    descriptor: int | None
    try:
        descriptor = os.open(place, _CREATE, 0o600)
    except FileExistsError:
        if not leases.lockable():  # on such a system a file that somebody has open cannot be deleted
            return None, False
        made, descriptor = False, _opened(place)
    if descriptor is None:
        return None, True
    try:
        got = leases.lock(descriptor, exclusive=True)
    except BaseException:
        os.close(descriptor)
        raise
    if made if got is None else got and leases.is_there(descriptor, place):
        return descriptor, True
    os.close(descriptor)
    return None, got is not None


def _opened(place: str) -> int | None:
    """A file that somebody else has made; None if it has just gone. If it is not a file, it is removed."""
    try:
        return os.open(place, _OPEN)
    except FileNotFoundError:
        return None
    except OSError:
        make_way(place)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(place)
        return None


def _left(place: str, descriptor: int) -> None:
    """Deleted before it is unlocked: a process that waits for it notices that it is no longer the file, and makes a new
    one."""
    if WINDOWS:  # there, nothing that is open can be deleted
        _close(descriptor)
        _delete(place)
    else:
        _delete(place)
        _close(descriptor)


def _close(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        os.close(descriptor)


def _delete(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)


def sign_of(path: str) -> Sign | None:
    with contextlib.suppress(OSError):
        status = os.lstat(path)
        return status.st_ino, status.st_ctime_ns
    return None


def replace(path: str | os.PathLike[str], data: bytes) -> None:
    """Like `put`, only for the user, and also if a folder is in its place. Raises OSError."""
    make_way(path)
    put(path, data)


def put(path: str | os.PathLike[str], data: bytes, mode: int = 0o600, *, durable: bool = False) -> None:
    """Writes a file in an existing folder: a reader sees the old file or the new one. Without `durable`, nothing is
    forced to the disk: after a power cut it may be gone, or empty. Raises OSError. This is the only atomic writer: all
    our others call it."""
    temporary = beside(path, data, mode, durable=durable)
    try:
        _renamed(temporary, path)
    except BaseException:
        _delete(temporary)
        raise


def beside(path: str | os.PathLike[str], data: bytes, mode: int = 0o600, *, durable: bool = False) -> str:
    """The file, under another name in the same folder: renaming it is the last step. Only the user can read it before
    it is complete; then it has `mode`, whatever the umask. Raises OSError, and then leaves nothing."""
    folder, name = os.path.split(os.fspath(path))
    # As LEFT of system/files.py has it: whoever cleans takes away what is left over.
    temporary = os.path.join(folder, f".{name[:40]}.{os.urandom(4).hex()}")
    try:
        with open(temporary, "xb", opener=private) as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(temporary, mode)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename is None:
            error.filename = os.fspath(path)  # the error about a full disk has no file name
        _delete(temporary)
        raise
    return temporary


def _renamed(source: str, path: str | os.PathLike[str]) -> None:
    until = time.monotonic() + WRITE_TIMEOUT
    while True:
        try:
            return os.replace(source, path)
        except PermissionError as error:
            if getattr(error, "winerror", None) not in _IN_USE or time.monotonic() > until:
                raise
        time.sleep(POLL)


def make_way(path: str | os.PathLike[str]) -> None:
    """A folder in the place of a file of ours does not belong to us."""
    if os.path.isdir(path) and not os.path.islink(path):
        import shutil

        shutil.rmtree(path, ignore_errors=True)
