"""Environments on disk, and the Pythons that they are made with."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType

from .values import Message, Time


class Environment(Message, frozen=True):
    """An environment that is built, and where it is on the server's machine."""

    id: str
    prefix: str
    python: str
    version: str
    """The version of Python."""
    site: list[str]
    bin: str
    packages: dict[str, str]
    """Name of a package: its version."""
    lease: str | UnsetType = UNSET
    """A file that every kernel of this environment keeps locked."""


class StoredEnvironment(Message, frozen=True):
    """One row of the list of all environments."""

    id: str
    version: str
    """The version of Python."""
    packages: int
    own: int
    """Bytes that only this environment uses."""
    shared: int
    """Bytes of packages that it shares with other environments."""
    created: Time
    used: Time
    notebooks: list[str]
    """API paths of the notebooks that used it, the latest first; without those that this server does not serve."""
    running: bool
    state: Literal["ready", "outdated", "stale-python", "damaged"]
    """`stale-python`: its Python was changed or removed since it was built; `outdated`: an older version made it, or
    one elsewhere on the machine. Only a `ready` one can start a kernel; others are built again first."""
    mine: bool
    """It can be deleted. False if somebody else manages the store that it is in."""


class StoredEnvironments(Message, frozen=True):
    """The environments in the store, the most recently used first."""

    environments: list[StoredEnvironment]


class Interpreter(Message, frozen=True):
    """A Python on the server's machine."""

    version: str
    minor: str
    implementation: str
    arch: str
    path: str
    source: str
    default: bool
    """New notebooks get this one."""


class Interpreters(Message, frozen=True):
    """The Pythons on the server's machine, the newest first."""

    interpreters: list[Interpreter]
