"""What is in an environment, according to the engine that installed it."""

from __future__ import annotations

from dataclasses import dataclass

COMMANDS = ("bin/", "Scripts/")
"""Folders below the prefix that hold commands."""


@dataclass(frozen=True)
class InstalledFile:
    """`path` is relative to the environment's prefix; `hash` as `sha256=…`, in base64 as in RECORD, and `size` in
    bytes, if they are known."""

    path: str
    hash: str = ""
    size: int | None = None


@dataclass(frozen=True)
class Installed:
    """A package in an environment. `name` is canonical; `files` are all of its files, including those that describe it.
    `info`: its folder in site-packages with RECORD, METADATA and entry points; "" if the engine describes packages in a
    way of its own. `mark`: the file whose inode identifies the engine's own copy in its cache, "" if there is none."""

    name: str
    version: str
    files: tuple[InstalledFile, ...]
    info: str = ""
    mark: str = ""

    @property
    def label(self) -> str:
        """Its name in errors."""
        return self.info or f"{self.name} {self.version}"
