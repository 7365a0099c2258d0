"""Two questions to the system that decide whether a save can be lost: can two names change places in one step, and does
another program have a file open for writing?"""

from __future__ import annotations

import errno
import os
import signal
import sys
from pathlib import Path

UNKNOWN = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP)
REMOTE = ("nfs", "cifs", "smb")
"""File systems whose leases are granted by the server: a refusal says nothing about who has the file open."""
SWAP = 2
"""RENAME_EXCHANGE of renameat2(2), RENAME_SWAP of renamex_np(2)."""
AT_FDCWD = -100


def swap(one: Path, other: Path) -> bool:
    """Lets the names change places; False if the system, or the file system, has no such step. Raises OSError."""
    import ctypes  # here, since it costs 3 ms and most commands only read

    if sys.platform not in ("linux", "darwin"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    try:
        if sys.platform == "linux":
            failed = libc.renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], SWAP)
        else:
            failed = libc.renamex_np(*names, SWAP)
    except AttributeError:  # an old C library
        return False
    number = ctypes.get_errno() if failed else 0
    if number and number not in UNKNOWN:
        raise OSError(number, os.strerror(number), str(other))
    return not number


def unwritten(fd: int) -> bool | None:
    """Whether nobody has the file behind `fd` (open for reading) open for writing. If so, a program that opens it for
    writing has to wait until `fd` is closed. None if this is not known: the file of another user, or a system without
    leases."""
    if sys.platform != "linux":
        return None
    import fcntl

    try:
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)  # we are told when somebody waits; SIGIO would end this process
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return False if error.errno == errno.EAGAIN and not _remote(fd) else None
    return True


def still_unwritten(fd: int) -> bool:
    """Asked after `unwritten` has returned True: whether nobody has started to wait for writing since."""
    if sys.platform != "linux":
        return True
    import fcntl

    return fcntl.fcntl(fd, fcntl.F_GETLEASE) == fcntl.F_RDLCK


def _remote(fd: int) -> bool:
    device = os.fstat(fd).st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        mounts = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return False
    kinds = (words[words.index("-") + 1] for words in map(str.split, mounts) if words[2] == number)
    return next(kinds, "").startswith(REMOTE)
