"""Notebooks and the kernels that run them."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from .environments import Environment
from .jobs import Job
from .status import Status
from .values import Block, Message


class Pending(Message, frozen=True):
    """A change made while no document was open; it is told until the saved notebook has the block."""

    before: Block | None
    block: Block | None


class Notebook(Message, frozen=True):
    """What a saved notebook brings."""

    path: str
    """API path."""
    status: Status
    pending: Pending | None
    unsupported: str | UnsetType = UNSET
    """Only there where this server cannot give environments to kernels. Why, in a sentence."""


class Kernel(Message, frozen=True):
    """What a running kernel runs."""

    id: str
    notebook: str | None
    """API path."""
    block: Block | None
    environment: Environment | None
    base: bool
    """It runs in the base environment."""
    standin: bool
    """It waits for its environment, and runs no code."""
    without: bool
    """It runs in the base environment, although the notebook brings its own."""
    status: Status
    job: Job | None
    """The job that runs for this kernel."""
    unsupported: str | UnsetType = UNSET
    """Only there where this server cannot give environments to kernels. Why, in a sentence."""


class NewBlock(Message, frozen=True):
    """The block that the next restart of a kernel takes."""

    block: Block | None


class Nothing(Message, frozen=True):
    """No field."""
