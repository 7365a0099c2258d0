"""What kernels leave in `<home>/kernels`, and who deletes it: a living kernel holds a lock on its `.alive` file."""

from __future__ import annotations

import contextlib
import os
import time
from typing import IO, Iterator

from .leases import lock, lockable
from .reading import private

ALIVE = ".alive"
AFTER = 24 * 3600
AFTER_IN_DOUBT = 30 * AFTER
"""Seconds since the last use. For kernels that are known to be gone, and on systems where files cannot be locked."""


def hold(path: str) -> IO[str] | None:
    """Locked for as long as the returned file is open; None if it cannot be made."""
    try:
        file = open(path, "a", encoding="utf-8", opener=private)  # noqa: SIM115  # for as long as the process lives
    except OSError:
        return None
    lock(file.fileno(), exclusive=False)
    return file


def is_held(path: str) -> bool | None:
    """Whether a process holds it; None if this is not known."""
    try:
        if not lockable():  # Windows, where an open file cannot be deleted
            os.unlink(path)
            return False
        with open(path, "r+", encoding="utf-8") as file:
            free = lock(file.fileno(), exclusive=True)
            return None if free is None else not free
    except FileNotFoundError:
        return False
    except OSError:
        return None if lockable() else True


def sweep(folder: str) -> None:
    """Deletes what belongs to kernels that ended, a day after their last use. Never raises."""
    for paths in left(folder):
        remove(paths)


def left(folder: str) -> Iterator[list[str]]:
    """All paths of each such kernel. Never raises."""
    with contextlib.suppress(OSError):
        for name, paths in traces(folder).items():
            with contextlib.suppress(OSError):
                age = time.time() - max(os.lstat(path).st_mtime for path in paths)
                alive = is_held(os.path.join(folder, name + ALIVE)) if age > AFTER else True
                if alive is False or (alive is None and age > AFTER_IN_DOUBT):
                    yield paths


def traces(folder: str) -> dict[str, list[str]]:
    """All paths of each kernel. Left-over temporary files, whose names begin with a dot, are listed separately."""
    found: dict[str, list[str]] = {}
    for name in os.listdir(folder):
        kernel = name if name.startswith(".") else name.split(".")[0]
        found.setdefault(kernel, []).append(os.path.join(folder, name))
    return found


def remove(paths: list[str]) -> None:
    for path in paths:
        if os.path.isdir(path) and not os.path.islink(path):
            import shutil  # here: a kernel's start waits for us, and few have left a folder

            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                os.unlink(path)
