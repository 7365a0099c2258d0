"""Removes something from uv's cache in such a way that uv does not notice.

    archive-v<n>/<name>/        an unpacked wheel
    wheels-v<n>/…, sdists-v<n>/…    what leads to it: links, and small files (`.http`, `.rev`) that hold its name

uv follows what leads to an archive without checking whether the archive exists: if it does not, uv says that the wheel
is damaged, or takes another version. So an archive is removed after everything that leads to it. If we find nothing
that leads to an archive, it stays: then we do not know how this version of uv records it."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ...settings import Settings
from ...system.leases import POLL, exclusive
from ...system.removal import bytes_of, delete, take_away

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


def folder_of(settings: Settings) -> Path:
    return settings.cache / "uv"


def forget(infos: Mapping[int, str], cache: Path, patience: float = 0.0) -> bool:
    """Takes uv's unpacked copies of wheels away, which share their inodes with ours: whoever edits one would edit both,
    and uv would install what was edited. It unpacks them again should it ever need them. `infos`: inode of METADATA ->
    name of its dist-info folder. False while uv is at work, for longer than `patience` (seconds)."""
    archives = _archives_of(infos, cache)
    return not archives or take_out(archives, cache, patience=patience) is not None


def unused(cache: Path, seconds: float) -> dict[Path, int]:
    """What uv unpacked so many seconds ago or earlier, and how many bytes go with it: it shares its files with our
    wheels, and keeps the disk full when those are gone."""
    if seconds == math.inf:
        return {}
    old = (path for path in cache.glob(ARCHIVES) if _age(path) >= seconds)
    return {path: 0 if _shared(path) else bytes_of(path) for path in old}


def remove_unused(archives: Mapping[Path, int], cache: Path) -> Mapping[Path, int]:
    """Those that have gone; none while uv is at work."""
    return {path: archives[path] for path in take_out([*archives], cache, orphans=True) or ()}


def _shared(archive: Path) -> bool:
    """Whether its files are those of a wheel in the store, which are counted there."""
    with contextlib.suppress(OSError):
        return any(file.stat().st_nlink > 1 for file in archive.glob("*.dist-info/METADATA"))
    return False


def _age(path: Path) -> float:
    """Seconds; what is just going away is new."""
    try:
        return time.time() - path.lstat().st_mtime
    except OSError:
        return 0.0


def _archives_of(infos: Mapping[int, str], cache: Path) -> list[Path]:
    """Those that share their files with one of the wheels."""
    found = []
    for archive in cache.glob(ARCHIVES) if infos else ():
        for info in archive.glob("*.dist-info"):
            with contextlib.suppress(OSError):
                if infos.get((info / "METADATA").stat().st_ino) == info.name:
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
