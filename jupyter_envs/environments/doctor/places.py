"""The folders that we write to, and what their file systems can do."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ...engines.uv.cache import folder_of
from ...kernel.amounts import size
from ...kernel.foreign import quoted
from ...settings import Settings
from ...store.shelf import KEEPS
from ...system import leases
from ...system.files import usable
from .finding import Finding

LITTLE = 2e9
TOO_LITTLE = 2e8
"""Bytes."""
REMOTE = ("nfs", "cifs", "smb", "9p", "fuse", "lustre", "gpfs", "beegfs", "ceph", "afs")


def folder(what: str, path: Path, variable: str) -> Iterator[Finding]:
    """Raises StoreError if others can write to it."""
    usable(path)
    there = existing(path)
    if not os.access(there, os.W_OK | os.X_OK):
        yield Finding("wrong", what, f"{path} cannot be written to.", f"Set {variable} to a folder of your own.")
        return
    free = shutil.disk_usage(there).free
    told = f"{path}, {size(free)} free"
    if free < LITTLE:
        hint = f"Make room (`jupyter envs gc` helps), or set {variable} to a folder on another disk."
        yield Finding(
            "wrong" if free < TOO_LITTLE else "note", what, f"{told}; a large package needs 2 GB or more.", hint
        )
    else:
        yield Finding("fine", what, f"{told}{'' if path.exists() else '; it will be created'}.")


def existing(path: Path) -> Path:
    """The folder itself, or the nearest existing one above it."""
    return next(place for place in (path, *path.parents) if place.is_dir())


def abilities(settings: Settings) -> Iterator[Finding]:
    there = existing(settings.store)
    yield from _kind(there)
    cache = folder_of(settings)
    if existing(cache).stat().st_dev != there.stat().st_dev:
        yield Finding(
            "note", "file system", f"{settings.store} and {cache} are on different file systems: packages are copied.",
            "Put both on one disk: set JUPYTER_ENVS_HOME, or JUPYTER_ENVS_STORE.",
        )  # fmt: skip
    if not os.access(there, os.W_OK | os.X_OK):
        return  # that was told before
    with tempfile.TemporaryDirectory(dir=there, prefix=".doctor-") as name:
        yield from _tried(Path(name))


def _tried(trial: Path) -> Iterator[Finding]:
    file = trial / "a"
    file.write_bytes(b"")
    links = _can(lambda: os.symlink("a", trial / "link"))  # noqa: PTH211
    hardlinks = _can(lambda: os.link(file, trial / "other"))
    locks = leases.works(trial)
    able = (("symbolic links", links), ("hard links", hardlinks), ("locks", locks))
    can = [word for word, holds in able if holds]
    if can:
        yield Finding(
            "fine",
            "file system",
            f"The store's file system has {', '.join(can)}{'' if _cased(trial) else '; it is not case-sensitive'}.",
        )
    hint = "It works, only slower. A store on a local disk is faster: set JUPYTER_ENVS_STORE."
    if not links and hardlinks:
        yield Finding("note", "file system", "It has no symbolic links: environments are made of hard links.", hint)
    if not links and not hardlinks:
        yield Finding("note", "file system", "It has no links of any kind: environments are copies, and large.", hint)
    if not locks:
        sentence = "It has no file locks: cleaning is more careful, and never removes what was used within a week."
        yield Finding("note", "file system", sentence, "Set JUPYTER_ENVS_STORE to a folder on a local disk.")


def _can(make: object) -> bool:
    assert callable(make)
    try:
        make()
    except (OSError, NotImplementedError):
        return False
    return True


def _cased(trial: Path) -> bool:
    return not (trial / "A").exists()


def _kind(there: Path) -> Iterator[Finding]:
    import psutil

    mounts = [part for part in psutil.disk_partitions(all=True) if there.resolve().is_relative_to(part.mountpoint)]
    mount = max(mounts, key=lambda part: len(part.mountpoint), default=None)
    if mount and mount.fstype.lower().startswith(REMOTE) and "fuseblk" not in mount.fstype:
        yield Finding(
            "note", "file system", f"The store is on {mount.fstype}, which is slow for many small files.",
            "Set JUPYTER_ENVS_STORE to a folder on a local disk.",
        )  # fmt: skip


def shared(settings: Settings) -> Iterator[Finding]:
    for path in settings.shared_stores:
        what = f"shared store {path}"
        if not (path / "v1").is_dir():
            yield Finding(
                "wrong", "shared store", f"There is no store in {path}.",
                f"Fill it: jupyter envs build NOTEBOOK --store {quoted(str(path))}; or remove it from "
                "JUPYTER_ENVS_SHARED_STORES.",
            )  # fmt: skip
            continue
        yield from _checked(what, path)


def _checked(what: str, path: Path) -> Iterator[Finding]:
    """Raises StoreError if somebody else could change what is in it."""
    for place in (path, path / "v1", path / "v1" / "e", path / "v1" / "w"):
        usable(place)
    if not os.access(path / "v1" / "e", os.R_OK | os.X_OK):
        yield Finding(
            "wrong",
            "shared store",
            f"{path} cannot be read.",
            f"Its owner has to run: chmod -R a+rX {quoted(str(path))}",
        )
    elif not (path / "v1" / KEEPS).exists():
        yield Finding(
            "note", "shared store",
            f"{path}: its environments are used, but your own environments do not link to its packages.",
            f"If nothing is ever removed from it: touch {quoted(str(path / 'v1' / KEEPS))}",
        )  # fmt: skip
    else:
        writable = os.access(path / "v1", os.W_OK) and sys.platform != "win32" and os.getuid() != 0
        yield Finding("fine", "shared store", f"{path}{', which you may write to' if writable else ''}.")
