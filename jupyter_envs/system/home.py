"""The one check of our home before anything in it is read. Files in it say which programs run as the user, so it must
belong to the user alone: `Settings.load` checks this, and every door begins with that."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from ..errors import StoreError
from ..kernel.foreign import quoted
from ..kernel.reading import foreign

FOLDERS = (
    "base",
    "built",
    "cache",
    "jobs",
    "kept",
    "kernels",
    "locks",
    "pending",
    "pythons",
    "store",
    "uses",
    "writing",
)
FILES = ("consents.json", "consents.lock", "local.json")
OWN = "Choose a folder of your own (JUPYTER_ENVS_HOME)"
STARTED = "jupyter-envs starts programs that are named there, so it does not use this folder."


def check(home: Path) -> None:
    """Raises StoreError: `store-unsafe` for what somebody else made or may change, and `home-unusable` for what is not
    a folder or cannot be examined. A home that does not exist yet is fine."""
    if not _looked_at(str(home)):
        return
    if _linked_by_others(home):
        raise _unsafe(home, mine=False)
    for path, folder in _kept_in(home):
        _looked_at(path, folder=folder)


def _kept_in(home: Path) -> Iterator[tuple[str, bool]]:
    """(path, whether it is a folder)."""
    yield from ((f"{home}/{name}", True) for name in FOLDERS)
    yield from ((f"{home}/{name}", False) for name in FILES)


def _looked_at(path: str, *, folder: bool = True) -> bool:
    """Whether it exists."""
    try:
        status = os.stat(path)  # noqa: PTH116  # by each start of a kernel
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not (folder and os.path.islink(path)):  # noqa: PTH114
            return False
        if not folder and not isinstance(error, PermissionError):
            return False  # whoever reads it says what is the matter
        raise unusable(Path(path), error.strerror or str(error)) from None
    if folder and not stat.S_ISDIR(status.st_mode):
        raise unusable(Path(path), "It is not a folder")
    if foreign(status):
        raise _unsafe(Path(path), mine=status.st_uid == os.getuid())
    return True


def _linked_by_others(home: Path) -> bool:
    """A link that somebody else has made to a folder of the user: that other user chose the folder."""
    return sys.platform != "win32" and home.is_symlink() and home.lstat().st_uid not in (os.getuid(), 0)


def unusable(path: Path, why: str) -> StoreError:
    hint = "Move it away, or choose a folder of your own (JUPYTER_ENVS_HOME)."
    return StoreError("home-unusable", f"{path} cannot be used: {why[:1].lower()}{why[1:]}.", hint=hint)


def _unsafe(path: Path, *, mine: bool) -> StoreError:
    """The command comes last in the hint, so that nothing after it is pasted with it."""
    if mine:
        mode = "700" if path.is_dir() else "600"
        return StoreError(
            "store-unsafe", f"Other users can write to {path}. {STARTED}",
            hint=f"{OWN}, or run: chmod {mode} {quoted(str(path))}",
        )  # fmt: skip
    return StoreError(
        "store-unsafe", f"{path} belongs to another user. {STARTED}",
        hint=f"{OWN}, or if it is yours, run: sudo chown -hR {os.getuid()} {quoted(str(path))}",
    )  # fmt: skip
