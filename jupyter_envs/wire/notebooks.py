"""Notebooks and the kernels that run them."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from .environments import Environment
from .jobs import Job
from .status import Status
from .values import Block, Message


class Pending(Message, frozen=True):
    """A change made while the notebook was not open. It is listed until the saved notebook has the block."""

    before: Block | None
    block: Block | None


class Notebook(Message, frozen=True):
    """A saved notebook and its environment."""

    path: str
    """API path."""
    status: Status
    pending: Pending | None
    unsupported: str | UnsetType = UNSET
    """Why this server cannot give environments to kernels, in a sentence; absent if it can."""


class Kernel(Message, frozen=True):
    """A running kernel and its environment."""

    id: str
    notebook: str | None
    """API path."""
    block: Block | None
    environment: Environment | None
    base: bool
    """It runs in the base environment."""
    standin: bool
    """It waits for its environment, and cannot run code."""
    without: bool
    """It runs in the base environment, although the notebook has an environment of its own."""
    status: Status
    job: Job | None
    """The change or build that runs for this kernel."""
    unsupported: str | UnsetType = UNSET
    """Why this server cannot give environments to kernels, in a sentence; absent if it can."""


class NewBlock(Message, frozen=True):
    """The block that the kernel uses after its next restart."""

    block: Block | None


class Nothing(Message, frozen=True):
    """An empty object."""
