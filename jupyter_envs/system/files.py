"""Writes a file so that it is either the old one or the new one, never half of it."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ..errors import StoreError
from ..kernel.foreign import quoted
from ..kernel.writing import put

LEFT = re.compile(r"\..*\.[a-z0-9_]{8}", re.DOTALL)
"""The name that `put` gives a file until it is complete."""
LONG = 600.0
"""Seconds after which nobody is still writing one: it takes milliseconds."""


def make_private(folder: Path) -> None:
    """Makes the folder, and every missing folder above it, for the user only. Raises StoreError `home-unusable`."""
    missing = [folder, *folder.parents]
    missing = missing[: next((i for i, path in enumerate(missing) if path.exists()), len(missing))]
    try:
        for path in reversed(missing):
            path.mkdir(mode=0o700, exist_ok=True)
            if stat.S_IMODE(path.stat().st_mode) & 0o700 != 0o700:
                path.chmod(0o700)  # a umask may take rights from the user, too
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise StoreError(
                "disk-full", f"The disk that holds {folder} is full.", hint="Make room, then try again."
            ) from None
        raise _unusable(folder, error.strerror or str(error)) from None


def usable(folder: Path) -> None:
    """Raises StoreError if what is kept in the folder cannot be trusted, or if it is not a folder."""
    try:
        status = folder.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unusable(folder, error.strerror or str(error)) from None
    if not stat.S_ISDIR(status.st_mode):
        raise _unusable(folder, "it is not a folder")
    if sys.platform != "win32" and (status.st_uid not in (os.getuid(), 0) or status.st_mode & 0o022):
        raise StoreError(
            "store-unsafe",
            f"{folder} belongs to another user, or other users can write to it.",
            hint=f"Choose a folder of your own (JUPYTER_ENVS_HOME, JUPYTER_ENVS_STORE), or run: chmod go-w "
            f"{quoted(str(folder))}",
        )


def _unusable(folder: Path, why: str) -> StoreError:
    hint = "Set JUPYTER_ENVS_HOME to a folder of your own."
    return StoreError("home-unusable", f"{folder} cannot be used: {why}.", hint=hint)


def atomically(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Like `put`, and afterwards it is on the disk. The folder is made if it is missing, for the user only."""
    make_private(path.parent)
    put(path, data, mode, durable=True)


def left_over(folder: Path) -> Iterator[Path]:
    """What a process that was killed while writing left in this folder. Never raises."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if LEFT.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    if time.time() - entry.stat(follow_symlinks=False).st_mtime > LONG:
                        yield Path(entry.path)


def is_there(path: Path) -> bool:
    """Nothing has a name that is too long. Raises OSError where nobody may look."""
    try:
        return path.exists()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return False
        raise


def sha256_of(path: Path) -> str:
    hashed = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            hashed.update(chunk)
    return hashed.hexdigest()
