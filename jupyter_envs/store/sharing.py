"""A store that one user fills and others read: `jupyter envs build --store`, JUPYTER_ENVS_SHARED_STORES."""

from __future__ import annotations

import os
import stat
from pathlib import Path

READ, EXECUTE = 0o444, 0o111


def share(store: Path) -> None:
    """Lets everybody read what is published in it; write permissions do not change. Raises OSError. Leases can be read
    too: a process that runs an environment holds its lease by reading it."""
    for place, folders, names in os.walk(store):
        if place == str(store / "v1"):
            folders[:] = [name for name in folders if name in ("e", "w")]
        _open_up(place, READ | EXECUTE)
        for name in names:
            _open_up(os.path.join(place, name), READ)  # noqa: PTH118  # thousands of them


def _open_up(path: str, bits: int) -> None:
    status = os.lstat(path)
    mode = stat.S_IMODE(status.st_mode)
    if mode & stat.S_IXUSR:
        bits |= EXECUTE
    if not stat.S_ISLNK(status.st_mode) and mode & bits != bits:
        os.chmod(path, mode | bits)  # noqa: PTH101
