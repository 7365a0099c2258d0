"""Whoever uses an environment holds a lease on it: a shared flock on a file beside it, which ends with the process that
has the descriptor, however that ends. No child keeps it: `exec` closes the descriptor, and so does a fork.

The file's mtime says when it was last used. Where there is no flock (Windows, some network file systems), that is the
lease: it is touched every minute."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from typing import Any, Callable

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment,unused-ignore]

BEAT = 60.0
"""Seconds between two touches if there is no flock."""
SLOW_BEAT = 3600.0
"""The same if there is one: a flock may not be visible to other machines, and gc decides by days since the last use."""
LEASE_TIMEOUT = 1.0
"""Seconds to wait for a process that has the file exclusively: a check takes microseconds, a removal milliseconds."""
LEASE_VARIABLE = "JUPYTER_ENVS_LEASE"
"""Contains the number of the descriptor that a process was started with."""


class Lease:
    """`fd` is -1 once closed. `exact`: it ends with the process; otherwise some minutes after the last touch."""

    def __init__(self, path: str, fd: int, exact: bool) -> None:
        self.path = path
        self.fd = fd
        self.exact = exact
        self._handing_on = False
        if fd >= 0:
            _open.add(self)

    @classmethod
    def none(cls) -> Lease:
        """For what nobody deletes."""
        return cls("", -1, exact=False)

    def touch(self) -> None:
        """Records that it is in use now. Nobody deletes anything from a store that cannot be written to."""
        with contextlib.suppress(OSError):
            if self.fd >= 0:
                os.utime(self.fd if os.utime in os.supports_fd else self.path)

    def pass_fds(self) -> tuple[int, ...]:
        """For subprocess.Popen: the process that is started holds the lease as well. LEASE_VARIABLE tells it which."""
        self._handing_on = True  # a fork that is about to become that process must not close it
        return (self.fd,) if self.exact else ()

    def inheritable(self) -> None:
        """For os.exec*: the program that this process becomes holds the lease."""
        if self.exact:
            os.set_inheritable(self.fd, True)

    def close(self) -> None:
        fd, self.fd = self.fd, -1
        _open.discard(self)
        if fd >= 0:
            os.close(fd)

    def forked(self) -> None:
        if not self._handing_on:
            self.close()

    def __enter__(self) -> Lease:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __del__(self) -> None:
        with contextlib.suppress(OSError, AttributeError):  # at the end of Python, its modules' names are gone
            self.close()


_open: weakref.WeakSet[Lease] = weakref.WeakSet()


def _close_all() -> None:
    for lease in list(_open):
        with contextlib.suppress(OSError):
            lease.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_all)


def hold(path: str | os.PathLike[str], patience: float = LEASE_TIMEOUT) -> Lease | None:
    """A shared lease. None if the file cannot be opened, or if somebody is deleting it."""
    until = time.monotonic() + patience
    while True:
        try:
            fd = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        except OSError:
            return None
        exact = lock(fd, exclusive=False)
        if exact is None or (exact and is_there(fd, path)):
            lease = Lease(os.fspath(path), fd, bool(exact))
            lease.touch()
            return lease
        os.close(fd)
        if time.monotonic() > until:
            return None
        time.sleep(0.002)


def adopt(path: str, number: str) -> Lease | None:
    """The lease that this process was started with, or its own if it was started without one."""
    with contextlib.suppress(ValueError, OSError):
        fd = int(number)
        if is_there(fd, path):
            os.set_inheritable(fd, False)
            return Lease(path, fd, exact=True)
    return hold(path)


def lockable() -> bool:
    """Whether this system has locks at all."""
    return fcntl is not None


def lock(fd: int, *, exclusive: bool) -> bool | None:
    """Whether this descriptor holds it now; None if there is no flock."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(fd, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # ENOSYS, ENOLCK, EOPNOTSUPP, EBADF: each file system has its own
        return None
    return True


def is_there(fd: int, path: str | os.PathLike[str]) -> bool:
    """Whether the open file is still the one at this path: a deleted file keeps its locks."""
    try:
        return os.path.samestat(os.fstat(fd), os.stat(path))
    except OSError:
        return False


_kept: dict[str, Lease] = {}


def keep(path: str, number: str = "") -> None:
    """For as long as this process lives, in addition to those that it has."""
    had = _kept.get(path)
    if had is None or had.fd < 0 or not is_there(had.fd, path):
        lease = adopt(path, number)
        if lease:
            if not _kept:
                beat()
            _kept[path] = lease


def beat(wait: Callable[[float], object] = time.sleep) -> threading.Thread:
    """Touches all leases of this process for as long as it lives, or until `wait` (seconds) says that it is over."""

    def run() -> None:
        while not wait(SLOW_BEAT if all(lease.exact for lease in list(_open)) else BEAT):
            for lease in list(_open):
                lease.touch()

    thread = threading.Thread(target=run, name="jupyter-envs-lease", daemon=True)
    # A debugger that attaches to the kernel leaves it alone, as it does ipykernel's own.
    thread.pydev_do_not_trace = thread.is_pydev_daemon_thread = True  # type: ignore[attr-defined,unused-ignore]
    thread.start()
    return thread
