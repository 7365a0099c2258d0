"""The comm `jupyter_envs`, which a front end opens to a kernel. The kernel's side is `kernel/comm.py`, which knows the
standard library alone."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from .environments import Environment
from .values import Block, Changed, Message


class KernelState(Message, frozen=True, tag_field="type", tag="state"):
    """What a kernel runs: its answer to a front end that comes or asks."""

    block: Block | None
    environment: Environment | None
    standin: bool
    """It waits for its environment, and runs no code."""
    restart: str | None
    """`restart to use pandas 3.1.1`"""


class KernelBlock(Message, frozen=True, tag_field="type", tag="block"):
    """A change that was made in a cell: the notebook's metadata has to get the block."""

    before: Block | None
    block: Block | None
    changed: Changed
    environment: Environment | None
    restart: str | None
    """`restart to use pandas 3.1.1`"""


class KernelProgress(Message, frozen=True, tag_field="type", tag="progress"):
    """A line of the journal of a change that was typed in a cell."""

    event: str
    phase: str | UnsetType = UNSET
    text: str | UnsetType = UNSET
    done: int | UnsetType = UNSET
    total: int | UnsetType = UNSET
    fetched: tuple[int, int] | UnsetType = UNSET
    changed: Changed | UnsetType = UNSET


class NewEnvironment(Message, frozen=True, tag_field="type", tag="environment"):
    """A change that was made in the panel: the server has built it, and the document says so already."""

    block: Block | None
    environment: Environment
    changed: Changed


class StateRequest(Message, frozen=True, tag_field="type", tag="state"):
    """The kernel is asked for its state."""


FromKernel = KernelState | KernelBlock | KernelProgress
"""What a kernel sends."""
ToKernel = NewEnvironment | StateRequest
"""What a front end sends."""
