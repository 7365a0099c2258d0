"""The comm `jupyter_envs`, which a front end opens to a kernel. The kernel's side is `kernel/comm.py`, which uses the
standard library only."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from .environments import Environment
from .values import Block, Changed, Message


class KernelState(Message, frozen=True, tag_field="type", tag="state"):
    """What a kernel runs: sent when a front end connects or asks."""

    block: Block | None
    environment: Environment | None
    standin: bool
    """It waits for its environment, and cannot run code."""
    restart: str | None
    """Why the kernel should be restarted, for example `restart to use pandas 3.1.1`."""


class KernelBlock(Message, frozen=True, tag_field="type", tag="block"):
    """A change that was made in a cell: the front end has to write the block into the notebook's metadata."""

    before: Block | None
    block: Block | None
    changed: Changed
    environment: Environment | None
    restart: str | None
    """Why the kernel should be restarted, for example `restart to use pandas 3.1.1`."""


class KernelProgress(Message, frozen=True, tag_field="type", tag="progress"):
    """A line of the journal of a change that was made in a cell."""

    event: str
    phase: str | UnsetType = UNSET
    text: str | UnsetType = UNSET
    done: int | UnsetType = UNSET
    total: int | UnsetType = UNSET
    fetched: tuple[int, int] | UnsetType = UNSET
    changed: Changed | UnsetType = UNSET


class NewEnvironment(Message, frozen=True, tag_field="type", tag="environment"):
    """A change that was made in the panel: the environment is built, and the notebook's metadata has the block."""

    block: Block | None
    environment: Environment
    changed: Changed


class StateRequest(Message, frozen=True, tag_field="type", tag="state"):
    """A front end asks for the state."""


FromKernel = KernelState | KernelBlock | KernelProgress
"""What a kernel sends."""
ToKernel = NewEnvironment | StateRequest
"""What a front end sends."""
