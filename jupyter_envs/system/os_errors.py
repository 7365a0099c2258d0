"""What the operating system refuses, as an error of ours: a limit that was reached, a folder that may not be written
to."""

from __future__ import annotations

import errno

from ..errors import EnvsError, StoreError
from ..kernel.writing import Busy
from .disk import FULL
from .leases import HeldTooLong

MOVE = "Move it away, then try again."
ALLOWED = "Check that you are allowed to read and write there."
HINTS = {
    errno.ENOENT: "Check that it exists, then try again.",
    errno.EACCES: ALLOWED,
    errno.EPERM: ALLOWED,
    errno.EROFS: "That disk is read-only. Choose a folder on another disk.",
    errno.EIO: "Check that disk for errors.",
    errno.EMFILE: "Allow more open files: ulimit -n 1024",
    errno.ENFILE: "This machine has too many open files. Close other programs, then try again.",
    errno.EFBIG: "Allow larger files: ulimit -f unlimited",
    errno.ENOMEM: "Close other programs, or allow more memory: ulimit -v unlimited",
    errno.EAGAIN: "Allow more processes: ulimit -u unlimited",
    errno.EISDIR: MOVE,
    errno.ENOTDIR: MOVE,
    errno.ELOOP: MOVE,
    errno.ENOTEMPTY: MOVE,
}
NO_MEMORY = OSError(errno.ENOMEM, "There is not enough memory")


def explain_os_error(error: OSError) -> EnvsError:
    import traceback  # imported here, since it costs 2 ms and is seldom needed

    details = "".join(traceback.format_exception(error))
    names = (
        name for name in (error.filename2, error.filename) if isinstance(name, str)
    )  # what was to be replaced comes second
    place = next(names, "")
    if error.errno in FULL:
        where = f"The disk that holds {place}" if place else "A disk"
        return StoreError("disk-full", f"{where} is full.", hint="Make room, then try again.", details=details)
    if isinstance(error, (HeldTooLong, Busy)):
        return StoreError("store-busy", f"Another process has kept {error.path} locked for too long.", details=details)
    if isinstance(error, TimeoutError) and error.errno is None:  # of a socket, or of asyncio
        return EnvsError("timed-out", "Something did not answer in time.", details=details)
    why = error.strerror or str(error) or type(error).__name__
    hint = HINTS.get(error.errno or 0, "")
    if why.startswith("No usable temporary directory"):
        why, hint = "No folder for temporary files can be written to", "Set TMPDIR to a folder that you can write to."
    return EnvsError("system-refused", f"{f'{place}: ' if place else ''}{why}.", hint=hint, details=details)


def out_of_resources(error: Exception) -> OSError | None:
    """Errors of Python with the same meaning."""
    if isinstance(error, MemoryError):
        return NO_MEMORY
    if isinstance(error, RuntimeError) and str(error).startswith("can't start new thread"):
        return OSError(errno.EAGAIN, "No more threads can be started")
    return None
