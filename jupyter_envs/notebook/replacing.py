"""New bytes for a notebook's file, in one step, so that nobody's save is lost.

The new file and the notebook change places. What comes out is checked again: if it is not what was seen before,
somebody has saved in between; then they change places again, and the caller starts again from what was saved. This
covers both ways in which programs save: putting a new file in the old one's place, and writing into the old one."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

from . import in_place
from .exchange import swap, unwritten
from .leftovers import Names, rescue, restless
from .likeness import made_alike
from .seeing import BINARY, Identity, Seen, identity, is_still, unchanged

IN_PLACE = (errno.EBUSY, errno.EXDEV, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT)
"""If a new file cannot be made, or cannot replace the old one, the old one may still be writable."""
TRIES = 100
"""How many saves in a row, each within microseconds of the last."""


def put(names: Names, seen: Seen, data: bytes) -> os.stat_result | None:
    """The stat of the notebook's file with the new bytes; None if somebody has saved since it was seen: then their save
    is in place. Raises OSError, StoreError, and NotebookError if a save had to be moved elsewhere."""
    place = names.place
    if not os.access(place, os.W_OK):
        raise PermissionError(errno.EACCES, "it is write-protected")
    if seen.about.st_nlink == 1 and not seen.held:  # what a program writes into a file that is gone is lost
        new = names.new()
        try:
            make(new, data)
            if made_alike(new, place, seen.about):
                return _replaced(names, new, seen)
        except OSError as error:
            if error.errno not in IN_PLACE:
                raise
        finally:
            new.unlink(missing_ok=True)
    return in_place.write(place, seen, data, names.key)


def make(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """A new file, synced to the disk. `mode`: without what the umask removes."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY, mode)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(fd)


def _replaced(names: Names, new: Path, seen: Seen) -> os.stat_result | None:
    place, made = names.place, new.stat()
    ready = names.ready(made, seen.about)
    new.rename(ready)
    try:
        if not is_still(place, identity(seen.about)):
            ready.unlink()
            return None
        if not swap(ready, place):
            return _replaced_without_swap(names, ready, made, seen)
    except OSError:
        ready.unlink(missing_ok=True)  # nothing has changed places
        raise
    if _untouched(ready, seen):
        return made
    _put_back(names, ready, identity(made))
    return None


def _untouched(old: Path, seen: Seen) -> bool:
    """Whether the old file is as it was seen, twice, with milliseconds in between; then it is gone."""
    if not unchanged(old, seen):
        return False
    sync_folder(old.parent)
    if not is_still(old, identity(seen.about)):
        return False
    old.unlink()
    return True


def _put_back(names: Names, ready: Path, made: Identity) -> None:
    """What came out goes back in. Where what was put `inside` is not what comes out then, it has been saved again in
    between: that is the newest, and goes back in turn."""
    inside: Identity | None = made
    for _ in range(TRIES):
        coming = _swap_in(ready, names.place)
        if inside is None or is_still(ready, inside):
            ready.unlink()
            return
        inside = coming
    kept = rescue(ready, names.place)
    raise restless(names.place, f"One of these saves is in {kept}. ")


def _swap_in(ready: Path, place: Path) -> Identity | None:
    """What went in; None where it was still being written: then nobody can say what it will be, and a file that was put
    in its place since is the newer one."""
    fd = os.open(ready, os.O_RDONLY | BINARY)
    try:
        quiet, known = unwritten(fd) is not False, identity(os.fstat(fd))
        swap(ready, place)
        return known if quiet else None
    finally:
        os.close(fd)


def _replaced_without_swap(names: Names, ready: Path, made: os.stat_result, seen: Seen) -> os.stat_result | None:
    """The old file keeps a second name until it was looked at again. Only a file that somebody puts in its place within
    the microseconds before ours is not seen."""
    place, old = names.place, names.ready(made, seen.about)
    try:
        with contextlib.suppress(OSError):  # no second names here
            os.link(place, old)
        if not is_still(place, identity(seen.about)):
            ready.unlink()
            old.unlink(missing_ok=True)
            return None
        ready.replace(place)
    except OSError:
        old.unlink(missing_ok=True)
        raise
    if not old.exists() or _untouched(old, seen):
        return made
    if is_still(place, identity(made)):
        old.replace(place)
    else:  # saved once more since
        old.unlink()
    return None


def sync_folder(folder: Path) -> None:
    """So that the new name survives a power loss; not every system allows opening a folder."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
