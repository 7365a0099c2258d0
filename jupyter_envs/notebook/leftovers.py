"""Only one writer of this home at a time for each notebook, and what a killed writer has left beside the notebook.

    .a.ipynb.je1f2e3d4c-<8>.tmp                              new bytes, perhaps not all of them
    .a.ipynb.je1f2e3d4c-<8>.<new>-<old>-<size>-<time>.tmp    all of them, about to change places with the notebook

The numbers identify both files (inode; for the old one also bytes and mtime). So when a file of the second kind is
found later, it is known whether it is ours, or the old one, or somebody's save that has to stay. The lock
`<home>/writing/<key>` decides who may sweep; its content is the notebook's path, and `je…` is the beginning of its key.
A notebook with several names has one more lock, for its inode, which is empty."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..errors import NotebookError, StoreError
from ..settings import Settings
from ..system import leases
from ..system.files import make_private

OTHER_WRITER_TIMEOUT = 10.0
"""Seconds to wait for another command that writes the same notebook, which takes milliseconds."""
OLD = 3600.0
"""Seconds after which nobody is still writing, if there are no locks to ask, and after which a lock file may be
deleted."""
LONG = 24
"""How many characters of the notebook's name are used; a name may have 255 bytes."""


@dataclass(frozen=True)
class Names:
    """Of the temporary files beside `place`, which has no links in it."""

    place: Path
    key: str

    def new(self) -> Path:
        return self.place.with_name(f"{self._beginning}{os.urandom(4).hex()}.tmp")

    def ready(self, new: os.stat_result, old: os.stat_result) -> Path:
        """For a new file that may change places with the old one, or for the old one."""
        numbers = "-".join(f"{number:x}" for number in (new.st_ino, old.st_ino, old.st_size, old.st_mtime_ns))
        return self.new().with_suffix(f".{numbers}.tmp")

    @property
    def _beginning(self) -> str:
        return f".{self.place.name[:LONG]}.je{self.key[:8]}-"

    def left(self) -> Iterator[tuple[Path, bool]]:
        """Each temporary file of ours, and whether nothing but ours or the old notebook is in it; otherwise it is
        somebody's save. Never raises."""
        shape = re.compile(re.escape(self._beginning) + r"[0-9a-f]{8}\.((?:[0-9a-f]+-){3}[0-9a-f]+\.)?tmp", re.DOTALL)
        with contextlib.suppress(OSError), os.scandir(self.place.parent) as entries:
            for entry in entries:
                found = shape.fullmatch(entry.name)
                about = entry.stat(follow_symlinks=False) if found else None
                if found and about and stat.S_ISREG(about.st_mode):
                    nothing_else = _nothing_else(found.group(1), about) or self._is(about)
                    if _ours(about) or not nothing_else:
                        yield Path(entry.path), nothing_else

    def _is(self, about: os.stat_result) -> bool:
        """Whether it is a second name of the notebook, as while a new file is made."""
        try:
            return os.path.samestat(self.place.stat(), about)
        except OSError:
            return False


def _ours(about: os.stat_result) -> bool:
    return not hasattr(os, "getuid") or about.st_uid == os.getuid() or os.getuid() == 0


def _nothing_else(numbers: str | None, about: os.stat_result) -> bool:
    if numbers is None:
        return True
    new, *old = (int(number, 16) for number in numbers[:-1].split("-"))
    return about.st_ino == new or [about.st_ino, about.st_size, about.st_mtime_ns] == old


@contextmanager
def alone(place: Path) -> Iterator[Names]:
    """No other command of this home writes the notebook at the same time, and what a killed one left is deleted. If the
    home cannot be written, there is no lock. Raises NotebookError `notebook-busy`."""
    with contextlib.ExitStack() as stack:
        try:
            names = stack.enter_context(_locked(place))
        except TimeoutError:
            raise busy(place, "Another command") from None
        except (OSError, StoreError):
            names = Names(place, os.urandom(4).hex())
        yield names


@contextmanager
def _locked(place: Path) -> Iterator[Names]:
    folder = Settings.load().home / "writing"
    make_private(folder)
    lock = folder / key_of(folder, str(place))
    with contextlib.ExitStack() as stack:
        exact = stack.enter_context(leases.alone(lock, OTHER_WRITER_TIMEOUT))
        path = os.fsencode(place)
        if lock.read_bytes() != path:
            lock.write_bytes(path)
        names = Names(place, lock.name)
        _sweep(names, older_than=0.0 if exact else OLD)
        about = place.stat() if place.exists() else None
        if (
            about and about.st_nlink > 1
        ):  # the other names have locks of their own; what is left over would be such a name
            stack.enter_context(
                leases.alone(folder / key_of(folder, f"{about.st_dev}:{about.st_ino}"), OTHER_WRITER_TIMEOUT)
            )
        yield names


def busy(place: Path, who: str) -> NotebookError:
    return NotebookError(
        "notebook-busy", f"{who} has been writing {place} for {OTHER_WRITER_TIMEOUT:.0f} seconds.",
        hint="Wait until it has finished, or stop it, then run the command again.",
    )  # fmt: skip


def restless(place: Path, where: str = "") -> NotebookError:
    return NotebookError(
        "changed-on-disk", f"Another program keeps saving {place}; the change was not written.",
        hint=f"{where}Run the command again once the other program has stopped.",
    )  # fmt: skip


def key_of(folder: Path, what: str) -> str:
    """The number of the folder distinguishes two homes that have the same path, each in its own container."""
    text = f"{folder}\0{folder.stat().st_ino}\0{what}"
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _sweep(names: Names, older_than: float) -> None:
    for path, nothing_else in list(names.left()):
        with contextlib.suppress(OSError):
            if older_than and time.time() - path.stat().st_mtime < older_than:
                continue
            if nothing_else:
                path.unlink()
            else:
                rescue(path, names.place)


def rescue(path: Path, place: Path) -> Path:
    """Gives somebody's save that has no other place a name that is visible. Raises OSError."""
    for number in range(1, 1000):
        kept = place.with_name(f"{place.stem[:80]}-saved-{number}{place.suffix}")
        with contextlib.suppress(FileExistsError):
            os.link(path, kept)
            path.unlink()
            return kept
    raise FileExistsError(str(place))


def left(home: Path, *, dry_run: bool) -> dict[Path, int]:
    """For gc: path -> bytes of what killed writers left beside notebooks, and of locks that nobody needs; gone
    afterwards."""
    gone: dict[Path, int] = {}
    with contextlib.suppress(OSError), os.scandir(home / "writing") as entries:
        for lock in [Path(entry.path) for entry in entries if entry.is_file(follow_symlinks=False)]:
            with leases.exclusive(lock) as claim, contextlib.suppress(OSError):
                if claim and claim.exact:
                    gone |= _left_by(lock, dry_run)
    return gone


def _left_by(lock: Path, dry_run: bool) -> dict[Path, int]:
    names = Names(Path(os.fsdecode(lock.read_bytes())), lock.name)
    found = [path for path, nothing_else in names.left() if nothing_else] if names.place.is_absolute() else []
    if time.time() - lock.stat().st_mtime > OLD:
        found.append(lock)
    gone = {path: path.stat().st_size for path in found}
    for path in () if dry_run else gone:
        path.unlink()
    return gone
