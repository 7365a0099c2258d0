"""The pointer scheme.

    <store>/v1/e/<id>/b-<8>/         an environment, built at its final, unique path
    <store>/v1/e/<id>/current.json   its publication: one atomic creation, after verification and sync
    <store>/v1/locks/<id>            saves double work; correctness does not rest on it

Nothing is renamed into place, nothing is repaired in place: an environment without a pointer does not exist.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import secrets
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..consent import Approved
from ..errors import Cancelled, StoreError
from ..interpreters import signature
from ..report import SILENT, Report
from ..settings import Settings
from ..write import make_private, usable
from .environment import Environment, site_packages
from .verify import verify

if TYPE_CHECKING:
    from ..installer import Installer

ID = re.compile(r"[a-z2-7]{26}")
BUILD = re.compile(r"b-[0-9a-f]{8}")
POINTER = "current.json"
STRAY_AGE = 24 * 3600.0
"""Seconds after which an unpublished build is nobody's."""


class Store:
    def __init__(self, settings: Settings) -> None:
        self.root = settings.store / "v1"
        self._environments = self.root / "e"

    def find(self, environment_id: str) -> Environment | None:
        """The published environment; None where there is none, or its base Python has changed or gone."""
        if not ID.fullmatch(environment_id):
            return None
        folder = self._environments / environment_id
        try:
            pointer = json.loads((folder / POINTER).read_bytes())
            if not BUILD.fullmatch(pointer["dir"]):
                return None
            prefix = folder / pointer["dir"]
            python = pointer["python"]
            fit = _signature(Path(python["path"])) == python["signature"]
            environment = Environment(
                environment_id, prefix, pointer["python"]["version"], pointer["packages"], float(pointer["created"])
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return environment if fit and environment.python.exists() else None

    def ensure(self, approved: Approved, installer: Installer, report: Report = SILENT) -> Environment:
        """The environment of an approved closure, built if it is not there. Raises InstallError, IndexError_,
        StoreError or Cancelled; then nothing has been published."""
        from filelock import FileLock, Timeout  # here, since looking needs no lock, and it costs 10 ms

        closure = approved.closure
        found = self.find(closure.id)
        if found:
            return found
        self._make_private()
        folder = self._environments / closure.id
        lock = FileLock(str(self.root / "locks" / closure.id), timeout=1800)
        try:
            with lock:
                found = self.find(closure.id)
                if found:
                    return found
                self._sweep(folder)
                return self._build(approved, folder, installer, report)
        except Timeout:
            raise StoreError(
                "store-busy", "Another process has been building this environment for half an hour.",
                hint="Look for a hanging `jupyter envs` process, then try again.",
            ) from None  # fmt: skip
        except OSError as error:
            raise _disk_error(error, self.root) from None

    def list(self) -> list[Environment]:
        """Every published environment."""
        try:
            names = sorted(os.listdir(self._environments))  # noqa: PTH208  # one call, names only
        except FileNotFoundError:
            return []
        return [environment for name in names if (environment := self.find(name))]

    def in_use(self, environment_id: str) -> bool:
        """Whether a kernel holds its lease. False where nothing can be said (no flock here)."""
        return bool(ID.fullmatch(environment_id)) and _held(self._environments / environment_id)

    def remove(self, environment_id: str) -> bool:
        """Unpublishes, moves to the trash, deletes. The caller has made sure that nothing runs from it."""
        if not ID.fullmatch(environment_id) or not (self._environments / environment_id).is_dir():
            return False
        folder = self._environments / environment_id
        (folder / POINTER).unlink(missing_ok=True)
        trash = self.root / "trash"
        trash.mkdir(mode=0o700, exist_ok=True)
        gone = trash / f"{environment_id}-{secrets.token_hex(4)}"
        folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
        return True

    def _build(self, approved: Approved, folder: Path, installer: Installer, report: Report) -> Environment:
        closure = approved.closure
        prefix = folder / f"b-{secrets.token_hex(4)}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            installer.install(closure, prefix, report)
            report.phase("verify", "Verifying")
            verify(prefix, site_packages(prefix, closure.interpreter.version), closure)
            pointer = {
                "dir": prefix.name,
                "id": closure.id,
                "python": {
                    "path": str(closure.interpreter.path),
                    "version": closure.interpreter.version,
                    "signature": _signature(closure.interpreter.path),
                },
                "packages": closure.versions,
                "consent": approved.digest,
                "created": time.time(),
            }
            (folder / "lease").touch(mode=0o600)
            _sync(folder)
            if report.cancelled:
                raise Cancelled()
            _publish(folder, pointer)
        except BaseException:
            shutil.rmtree(prefix, ignore_errors=True)
            raise
        found = self.find(closure.id)
        if found is None:
            raise StoreError("store-unsafe", f"{folder} changed while an environment was being built in it.")
        return found

    def _make_private(self) -> None:
        for path in (self._environments, self.root / "locks"):
            make_private(path)
        usable(self.root)

    def _sweep(self, folder: Path) -> None:
        """Builds that no pointer names and that nobody can still be making: we hold the lock, unless it is no lock
        at all (some network file systems), hence the age."""
        published = None
        with contextlib.suppress(OSError, ValueError):
            published = json.loads((folder / POINTER).read_bytes()).get("dir")
        if _held(folder):
            return
        for build in folder.glob("b-*"):
            if build.name != published and time.time() - build.stat().st_mtime > STRAY_AGE:
                shutil.rmtree(build, ignore_errors=True)


def _held(folder: Path) -> bool:
    """Whether somebody has the lease of an environment, published or not."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        with (folder / "lease").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _signature(python: Path) -> list[int]:
    """What changes when a base Python is upgraded in place; empty when it is gone."""
    return list(signature(python) or ())


def _publish(folder: Path, pointer: dict[str, Any]) -> None:
    """One atomic step; a pointer to an environment that is no longer fit is replaced."""
    temporary = folder / f".{secrets.token_hex(4)}.json"
    with temporary.open("wb") as file:
        file.write(json.dumps(pointer).encode())
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / POINTER)
    _fsync_folder(folder)


def _sync(folder: Path) -> None:
    """Every byte of the build on disk before its publication: one syncfs is 9 times faster than fsync of each file."""
    if sys.platform != "linux":
        os.sync() if hasattr(os, "sync") else None
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor):
            raise OSError(ctypes.get_errno(), "syncfs")
    finally:
        os.close(descriptor)


def _fsync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _disk_error(error: OSError, root: Path) -> StoreError:
    import errno

    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError("disk-full", f"The disk that holds {root} is full.", hint="Make room, then try again.")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return StoreError(
            "store-read-only", f"{root} cannot be written to.", hint="Set JUPYTER_ENVS_STORE to a folder of your own."
        )
    return StoreError("store-failed", f"{root}: {error.strerror or error}.", details=repr(error))


