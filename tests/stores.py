"""Environments that look to the store as if they had been built: pointers, with little or nothing behind them."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from jupyter_envs.model.environment import python_of
from jupyter_envs.settings import Settings
from jupyter_envs.store.shelf import Base, Pointer, Shelf
from jupyter_envs.store.wheel.wheels import LINKING
from jupyter_envs.system.scripts import STUBS

from .fakes import HERE

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def environment_id(number: int) -> str:
    return "".join(ALPHABET[number // 32**place % 32] for place in range(26))


def publish(
    settings: Settings, environment: str, *, at: float = 1_795_251_600.0, python: Path = HERE.path, **more: object
) -> Path:
    """Its folder. `at`: when it was built and last started, POSIX seconds; `more`: other fields of its pointer."""
    Shelf(settings.store / "v1").ready()
    folder = settings.store / "v1" / "e" / environment
    there = python_of(folder / "b-00000001")
    there.parent.mkdir(parents=True)
    there.symlink_to(python)
    status = python.stat()
    pointer = Pointer(
        dir="b-00000001",
        id=environment,
        python=Base(str(python), HERE.version, [status.st_size, status.st_mtime_ns, status.st_ino]),
        packages={"six": "1.17.0"},
        consent="sha256:" + "0" * 64,
        created=at,
        linking=LINKING,
        stubs=str(STUBS),
    )
    (folder / "current.json").write_bytes(msgspec.json.encode(msgspec.structs.replace(pointer, **more)))
    (folder / f"{pointer.dir}.json").write_bytes(b"{}")
    (folder / "lease").touch()
    os.utime(folder / "lease", (at, at))
    return folder
