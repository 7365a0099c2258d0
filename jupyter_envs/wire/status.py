"""The state of a notebook's environment."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from .environments import Environment
from .errors import Problem
from .packages import Package, Proposal
from .values import Digest, Message, Text

StatusState = Annotated[
    Literal["no-block", "ready", "changed", "not-built", "invalid", "no-python", "failed"],
    Meta(
        title="StatusState",
        description="`changed`: the list is newer than the lock. `invalid`: the block cannot be read. `failed`, of "
        "kernels only: the kernel died, or the store cannot be used.",
    ),
]


class StatusPython(Message, frozen=True):
    """The Python of a notebook's environment."""

    requires: str | None
    locked: str | None
    """For example 3.12."""
    version: str | None
    """The version of the Python that it runs in on this machine."""
    path: str | None


class Dependency(Message, frozen=True):
    """One requirement of the notebook's list."""

    requirement: str
    name: str
    version: str | None


class StatusConsent(Proposal, frozen=True, kw_only=True):
    """What somebody has to approve, and whether it is approved."""

    approved: bool


class Status(Message, frozen=True):
    """The environment of a notebook, and whether it can run on this machine."""

    state: StatusState
    sentence: Text
    digest: Digest | None
    """The digest of the block."""
    python: StatusPython
    dependencies: list[Dependency]
    packages: list[Package]
    environment: Environment | None
    consent: StatusConsent | None
    error: Problem | None
    notes: list[str]
    withheld: Text | UnsetType = UNSET
    """Why the environment that was built here is not used, in a sentence; absent if none was, or it is used."""
