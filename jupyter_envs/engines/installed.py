"""What lies in an environment, as the engine says that put it there."""

from __future__ import annotations

from dataclasses import dataclass

COMMANDS = ("bin/", "Scripts/")
"""Folders below the prefix that hold commands."""


@dataclass(frozen=True)
class InstalledFile:
    """`path` is relative to the environment's prefix; `hash` as `sha256=…`, in base64 as RECORD has it, and `size` in
    bytes, where they are told."""

    path: str
    hash: str = ""
    size: int | None = None


@dataclass(frozen=True)
class Installed:
    """A package in an environment. `name` is canonical, `files` are all of its files, and what describes it among them.
    `info`: its folder in site-packages with RECORD, METADATA and entry points; "" where the engine describes packages
    in a way of its own. `mark`: the file by whose inode the engine's cache knows its own copy, "" where it has none."""

    name: str
    version: str
    files: tuple[InstalledFile, ...]
    info: str = ""
    mark: str = ""

    @property
    def label(self) -> str:
        """As errors name it."""
        return self.info or f"{self.name} {self.version}"
