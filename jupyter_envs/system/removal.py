"""Deletes anything on a disk: write-protected, deeper than a path can say, with names in no encoding. What cannot be
deleted stays and is reported, and does not keep anything else from being deleted."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..text import one_line
from .disk import new_name

FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
BY_DESCRIPTOR = os.unlink in os.supports_dir_fd and os.scandir in os.supports_fd


@dataclass(frozen=True)
class Kept:
    """What could not be deleted, or not be read, and why."""

    path: Path
    why: str

    @classmethod
    def of(cls, path: Path | str, error: OSError) -> Kept:
        return cls(Path(path), error.strerror or str(error))

    @property
    def sentence(self) -> str:
        return one_line(f"{self.path} could not be removed: {self.why}.")


def delete(path: Path) -> list[Kept]:
    """Deletes a file or a tree, but never what a link points to. Returns what is left of it; the next gc tries
    again."""
    try:
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode):
            path.unlink()
            return []
        if not BY_DESCRIPTOR:
            return _delete_by_path(path)
        deletion = _Deletion(path)
        descend(path, deletion.inside, deletion.after)
        if not deletion.kept:
            path.rmdir()
        return deletion.kept
    except FileNotFoundError:
        return []
    except OSError as error:
        return [Kept.of(path, error)]


def take_away(folder: Path, trash: Path) -> Path:
    """Moves it out of sight in one step. The caller deletes what is returned; after a crash in between, gc does. If the
    folder cannot be moved, as in a layer of an image, the folder itself is returned. Raises OSError if it could not be
    deleted either."""
    trash.mkdir(mode=0o700, parents=True, exist_ok=True)
    gone = trash / f"{folder.name[:40]}-{new_name()}"
    mode = _opened_up(folder)
    try:
        folder.rename(gone)
    except FileNotFoundError:
        pass
    except OSError as error:
        if error.errno == errno.EXDEV:
            return folder
        if mode is not None:
            folder.chmod(mode)
        raise
    return gone


def bytes_of(folder: Path) -> int:
    """What a tree takes on the disk. Links count as themselves, and a file with several names counts by its share."""
    total = 0

    def inside(here: int) -> list[str]:
        nonlocal total
        total += _size(os.fstat(here))
        folders, others = _entries(here)
        for name in others:
            try:
                total += _size(os.stat(name, dir_fd=here, follow_symlinks=False))
            except OSError:
                continue
        return folders

    if not BY_DESCRIPTOR:
        return sum(_size(status) for status in _by_path(folder))
    with contextlib.suppress(OSError):  # what cannot be read, or is going away, counts as far as it was seen
        descend(folder, inside, lambda *_: None, change=False)
    return total


def descend(
    top: Path,
    inside: Callable[[int], list[str]],
    after: Callable[[int, str, OSError | None], None],
    *,
    change: bool = True,
) -> None:
    """Through all folders of a tree, with two descriptors however deep it is. `inside` gets a folder's descriptor and
    says into which folders in it to go; `after` gets the one above it and the name of a folder that was done, or could
    not be entered. `change`: whether folders are made writable. Raises OSError where the tree is moved meanwhile."""
    here = _enter(str(top), None, change)
    levels = [(top.name, os.fstat(here), inside(here))]
    try:
        while True:
            name, _, left = levels[-1]
            if left:
                name = left.pop()
                try:
                    deeper = _enter(name, here, change)
                except OSError as error:
                    after(here, name, error)
                    continue
                os.close(here)
                here = deeper
                levels.append((name, os.fstat(here), inside(here)))
                continue
            levels.pop()
            if not levels:
                return
            above = os.open("..", FOLDER, dir_fd=here)
            os.close(here)
            here = above
            if not os.path.samestat(os.fstat(here), levels[-1][1]):
                raise OSError(errno.ESTALE, "It was moved while it was being read", str(top))
            after(here, name, None)
    finally:
        os.close(here)


def _enter(name: str, above: int | None, change: bool) -> int:
    try:
        here = os.open(name, FOLDER, dir_fd=above)
    except PermissionError:
        if not change:
            raise
        os.chmod(name, 0o700, dir_fd=above)
        here = os.open(name, FOLDER, dir_fd=above)
    if change and os.fstat(here).st_mode & stat.S_IRWXU != stat.S_IRWXU:
        with contextlib.suppress(OSError):  # somebody else's: what is in it can be taken away all the same, or is told
            os.fchmod(here, 0o700)
    return here


class _Deletion:
    def __init__(self, top: Path) -> None:
        self.kept: list[Kept] = []
        self._top = top

    def inside(self, here: int) -> list[str]:
        folders, others = _entries(here)
        for name in others:
            try:
                os.unlink(name, dir_fd=here)
            except OSError as error:
                self._keep(name, error)
        return folders

    def after(self, above: int, name: str, error: OSError | None) -> None:
        try:
            if error:
                raise error
            os.rmdir(name, dir_fd=above)
        except OSError as why:
            if not (why.errno == errno.ENOTEMPTY and self.kept):  # that was told, of what is in it
                self._keep(name, why)

    def _keep(self, name: str, error: OSError) -> None:
        if not self.kept and not isinstance(error, FileNotFoundError):  # one says enough: of 10,000 there is no end
            self.kept.append(Kept(self._top, f"{name}: {error.strerror or error}"))


def _entries(here: int) -> tuple[list[str], list[str]]:
    """(folders, everything else), by name."""
    folders: list[str] = []
    others: list[str] = []
    with os.scandir(here) as found:
        for entry in found:
            (folders if entry.is_dir(follow_symlinks=False) else others).append(entry.name)
    return folders, others


def _size(status: os.stat_result) -> int:
    blocks = getattr(status, "st_blocks", None)
    size = status.st_size if blocks is None else blocks * 512
    return size // max(1, status.st_nlink) if stat.S_ISREG(status.st_mode) else size


def _opened_up(folder: Path) -> int | None:
    """A write-protected folder may not change its parent. Returns the former mode, if it was changed."""
    try:
        mode = stat.S_IMODE(folder.lstat().st_mode)
        folder.chmod(0o700)
        return mode
    except OSError:
        return None


# -- where no folder can be opened: Windows -------------------------------------------------------------------------


def _by_path(folder: Path) -> Iterator[os.stat_result]:
    for place, _, names in os.walk(folder):
        for path in (place, *(os.path.join(place, name) for name in names)):  # noqa: PTH118
            try:
                yield os.lstat(path)
            except OSError:
                continue


def _delete_by_path(path: Path) -> list[Kept]:
    import shutil

    kept: list[Kept] = []

    def writable_first(do: Callable[[str], object], name: str, _: object) -> None:
        try:
            os.chmod(name, stat.S_IRWXU)  # noqa: PTH101
            do(name)
        except OSError as error:
            kept.append(Kept.of(name, error))

    shutil.rmtree(path, onerror=writable_first)
    return kept
