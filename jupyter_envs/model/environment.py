"""A closure built on disk."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec


class InstalledFile(NamedTuple):
    """What a package of an environment was installed from: `sha256` and `origin` as `Chosen` has them. `runs_code`: it
    was built here."""

    sha256: str
    origin: str = ""
    runs_code: bool = False


class Environment(msgspec.Struct, frozen=True):
    """`version` is the full Python version, `packages` canonical name -> version, `created` seconds since the epoch,
    `wheels` the places (`<key>/<8>`) of what it links to, `own` and `shared` the bytes that it and those take;
    `startup`: package -> its files that run code before any cell does, None where nobody has written that down;
    `consent` the digest of its closure; `files`: package -> its file, {} where nobody has written that down."""

    id: str
    prefix: Path
    version: str
    packages: dict[str, str]
    created: float = 0.0
    wheels: tuple[str, ...] = ()
    own: int = 0
    shared: int = 0
    startup: Mapping[str, tuple[str, ...]] | None = None
    consent: str = ""
    files: Mapping[str, InstalledFile] = {}

    @property
    def minor(self) -> str:
        return ".".join(self.version.split(".")[:2])

    @property
    def python(self) -> Path:
        return python_of(self.prefix)

    @property
    def bin(self) -> Path:
        return self.python.parent

    @property
    def site(self) -> tuple[Path, ...]:
        """The folders that the environment adds to sys.path."""
        return (site_packages(self.prefix, self.version),)

    @property
    def folder(self) -> Path:
        """The folder that holds it, its pointer and its lease."""
        return self.prefix.parent

    @property
    def lease(self) -> Path:
        """Every kernel that runs from here holds a shared lock (flock) on it for as long as it lives; its mtime is the
        last start."""
        return self.folder / "lease"

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "prefix": str(self.prefix),
            "python": str(self.python),
            "version": self.version,
            "site": [str(path) for path in self.site],
            "bin": str(self.bin),
            "lease": str(self.lease),
            "packages": self.packages,
        }


def site_packages(prefix: Path, version: str) -> Path:
    return prefix / site_path(version)


def site_path(version: str) -> str:
    """Of site-packages, relative to the prefix."""
    if sys.platform == "win32":
        return "Lib/site-packages"
    return f"lib/python{'.'.join(version.split('.')[:2])}/site-packages"


def python_of(prefix: Path) -> Path:
    return prefix / "Scripts" / "python.exe" if sys.platform == "win32" else prefix / "bin" / "python"
