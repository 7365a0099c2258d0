"""Environments on disk, and the Pythons that they are made with."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType

from .values import Message, Time


class Environment(Message, frozen=True):
    """An environment that was built, with its places on the server's machine."""

    id: str
    prefix: str
    python: str
    version: str
    """Of Python."""
    site: list[str]
    bin: str
    packages: dict[str, str]
    """Name: version."""
    lease: str | UnsetType = UNSET
    """Locked by every kernel that runs from here."""


class StoredEnvironment(Message, frozen=True):
    """An environment as the list of all shows it."""

    id: str
    version: str
    """Of Python."""
    packages: int
    own: int
    """Bytes that are its alone."""
    shared: int
    """Bytes of the packages that it shares with others."""
    created: Time
    used: Time
    notebooks: list[str]
    """API paths of those that used it, the latest first; not of those that this server does not serve."""
    running: bool
    state: Literal["ready", "stale-python", "damaged"]
    """`stale-python`: its Python was changed or removed since. Neither of the last two starts a kernel."""
    mine: bool
    """It can be deleted; false in a store that others fill."""


class StoredEnvironments(Message, frozen=True):
    """The environments in the store, the one that was used last first."""

    environments: list[StoredEnvironment]


class Interpreter(Message, frozen=True):
    """A Python of the server's machine."""

    version: str
    minor: str
    implementation: str
    arch: str
    path: str
    source: str
    default: bool
    """What a new notebook gets."""


class Interpreters(Message, frozen=True):
    """The Pythons of the server's machine, the newest first."""

    interpreters: list[Interpreter]
