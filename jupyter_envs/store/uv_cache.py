"""Taking something out of uv's cache, so that uv does not notice.

    archive-v<n>/<name>/        an unpacked wheel
    wheels-v<n>/…, sdists-v<n>/…    what leads to it: links, and small files (`.http`, `.rev`) that hold its name

uv believes what leads to an archive without a look whether it is there: it then says that the wheel is damaged, or
takes another version. So an archive goes after all that leads to it, and one that nothing is seen to lead to stays:
then we do not know how this uv writes it down."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from ..lease import POLL, exclusive
from .removal import delete, take_away
from .wheels import Wheel

TRASH = ".jupyter-envs-trash"
"""What is taken out is renamed into this folder, and deleted once uv no longer has to wait."""
MENDED = ".jupyter-envs-mended"
ARCHIVES = "archive-v*/*"
LEADING = ("wheels-v*", "sdists-v*")
SOURCES = ("src", ".git")
"""Folders in these that hold what packages are built from."""
LARGEST = 1 << 16
"""Bytes: what only holds a name is far smaller."""
OTHER = (".whl", ".lock", ".msgpack")


def archives_of(wheels: Collection[Wheel], cache: Path) -> list[Path]:
    """Those that share their files with one of the wheels."""
    known = {wheel.facts.cached: wheel.facts.info for wheel in wheels if wheel.facts.cached}
    found = []
    for archive in cache.glob(ARCHIVES) if known else ():
        for info in archive.glob("*.dist-info"):
            with contextlib.suppress(OSError):
                if known.get((info / "METADATA").stat().st_ino) == info.name:
                    found.append(archive)
    return found


def take_out(
    archives: Sequence[Path], cache: Path, *, orphans: bool = False, patience: float = 0.0
) -> list[Path] | None:
    """Returns those that have gone; None while uv is at work, longer than `patience` (seconds), and then all of them
    stay. `orphans`: also those that nothing leads to, as uv leaves them behind, where it is seen of others how this uv
    writes it down."""
    gone = []
    with _alone(cache, patience) as alone:
        if not alone:
            return None
        every = {path.name for path in cache.glob(ARCHIVES)} if orphans else {path.name for path in archives}
        leading = _leading(cache, every)
        for archive in archives:
            with contextlib.suppress(OSError):
                for path in leading.get(archive.name, ()):
                    path.unlink()
                if archive.name in leading or (orphans and leading):
                    take_away(archive, cache / TRASH)
                    gone.append(archive)
    with contextlib.suppress(OSError):
        for path in list((cache / TRASH).iterdir()):  # also what was there after a crash
            delete(path)
    return gone


def mend_once(cache: Path) -> None:
    """Version 0.1.0 took archives out of the cache and left what leads to them."""
    done = cache / MENDED
    with contextlib.suppress(OSError):
        if cache.is_dir() and not done.exists() and _mend(cache):
            done.touch()


@contextlib.contextmanager
def _alone(cache: Path, patience: float = 0.0) -> Iterator[bool]:
    """Every call of uv holds its lock shared, and waits for whoever has it alone."""
    until = time.monotonic() + patience
    while True:
        with exclusive(cache / ".lock") as alone:
            if alone or time.monotonic() >= until:
                yield bool(alone)
                return
        time.sleep(POLL)


def _mend(cache: Path) -> bool:
    """Removes what leads to archives that are not there. False while uv is at work."""
    with _alone(cache) as alone:
        if not alone:
            return False
        for path in _below(cache):
            if path.is_symlink() and not path.exists():
                for beside in (path.with_name(f"{path.name}.http"), path.with_name(f"{path.name}.rev"), path):
                    beside.unlink(missing_ok=True)
    return True


def _leading(cache: Path, names: set[str]) -> dict[str, list[Path]]:
    """Name of an archive -> what leads to it."""
    found: dict[str, list[Path]] = {}
    sought = {name: name.encode() for name in names}
    for path in _below(cache) if sought else ():
        for name in _held(path, sought):
            found.setdefault(name, []).append(path)
    return found


def _held(path: Path, names: Mapping[str, bytes]) -> list[str]:
    with contextlib.suppress(OSError):
        if path.is_symlink():
            return [name for name in (path.readlink().name,) if name in names]
        if path.lstat().st_size <= LARGEST and not path.name.endswith(OTHER):
            content = path.read_bytes()
            return [name for name, sought in names.items() if sought in content]
    return []


def _below(cache: Path) -> Iterator[Path]:
    for top in (top for pattern in LEADING for top in cache.glob(pattern)):
        for place, folders, names in os.walk(top):
            links = [name for name in folders if os.path.islink(os.path.join(place, name))]  # noqa: PTH114, PTH118
            folders[:] = [name for name in folders if name not in SOURCES]
            yield from (Path(place, name) for name in (*names, *links))
