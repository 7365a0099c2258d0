"""The state of a notebook's environment."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from .environments import Environment
from .errors import Problem
from .packages import Package, Proposal
from .values import Digest, Message, Text

StatusState = Annotated[
    Literal["no-block", "ready", "changed", "not-built", "invalid", "no-python", "failed"],
    Meta(
        title="StatusState",
        description="`changed`: the lock is older than the list. `invalid`: the block cannot be read. `failed` only "
        "for kernels: the kernel died, or the store cannot be used.",
    ),
]


class StatusPython(Message, frozen=True):
    """The Python of a notebook's environment."""

    requires: str | None
    locked: str | None
    """A minor."""
    version: str | None
    """What it would run with here."""
    path: str | None


class Dependency(Message, frozen=True):
    """One line of the notebook's list."""

    requirement: str
    name: str
    version: str | None


class StatusConsent(Proposal, frozen=True, kw_only=True):
    """What somebody has to agree to, and whether that was done."""

    approved: bool


class Status(Message, frozen=True):
    """What a notebook brings, and whether it can run here."""

    state: StatusState
    sentence: Text
    digest: Digest | None
    """Of the block."""
    python: StatusPython
    dependencies: list[Dependency]
    packages: list[Package]
    environment: Environment | None
    consent: StatusConsent | None
    error: Problem | None
    notes: list[str]
