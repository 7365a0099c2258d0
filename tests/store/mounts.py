"""Small and read-only file systems of a test's own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _mount(*words: str | Path) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"cannot mount here: {done.stderr.strip()}")


@contextmanager
def tmpfs(folder: Path, size: str) -> Iterator[Path]:
    """`size` as mount takes it: 2m."""
    folder.mkdir(parents=True, exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", folder)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def read_only(folder: Path) -> None:
    _mount("-o", "remount,ro", folder)


@contextmanager
def bound_read_only(folder: Path) -> Iterator[Path]:
    """The folder itself, as nobody can write to it."""
    _mount("--bind", folder, folder)
    try:
        _mount("-o", "remount,bind,ro", folder)
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def layered(folder: Path) -> Iterator[Path]:
    """The folder itself, as if all that is in it came with a layer of an image: nothing in it can be renamed, only
    copied."""
    with tmpfs(folder.parent / f"{folder.name}-above", "64m") as above:
        for name in ("upper", "work"):
            (above / name).mkdir()
        layers = f"lowerdir={folder},upperdir={above / 'upper'},workdir={above / 'work'},redirect_dir=off"
        _mount("-t", "overlay", "-o", layers, "overlay", folder)
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path, leave: int) -> Path:
    """A file that takes all but `leave` bytes of the disk."""
    path = folder / "filling"
    with path.open("wb") as file:
        while (free := _free(folder)) > leave:
            file.write(bytes(min(1 << 16, free - leave)))
            file.flush()
    return path


def _free(folder: Path) -> int:
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize
