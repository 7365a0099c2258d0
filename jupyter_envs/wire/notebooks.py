"""Notebooks and the kernels that run them."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from .environments import Environment
from .jobs import Job
from .status import Status
from .values import Block, Digest, Message, Text


class Pending(Message, frozen=True):
    """A change made while the notebook was not open. It is listed until the saved notebook has the block."""

    before: Block | None
    block: Block | None
    unsure: bool | UnsetType = UNSET
    """It was made for a notebook of another name, which is gone: this one may be a copy. Absent otherwise."""


class Waiting(Message, frozen=True):
    """A change or a build that has ended, and that no page has shown yet."""

    job: Job
    before: Block | None
    """The block that it changed."""


class Offered(Message, frozen=True):
    """A list of another tool, in a notebook that has no environment, or beside it."""

    name: str
    """What the action `import` takes as its source."""
    dialect: str
    """For example juv."""
    where: str
    """The part of the notebook, or the name of the file."""
    packages: int
    locked: bool
    """Whether exact versions are in it, too."""
    sentence: Text
    """`juv: 3 packages, locked`"""


class Notebook(Message, frozen=True):
    """A saved notebook and its environment."""

    path: str
    """API path."""
    status: Status
    pending: Pending | None
    job: Job | None
    """The change or build that runs for this notebook."""
    waiting: Waiting | None
    unsupported: str | UnsetType = UNSET
    """Why this server cannot give environments to kernels, in a sentence; absent if it can."""
    unkept: str | UnsetType = UNSET
    """Why the document does not keep its environment when it is saved, and what to do; absent if it keeps it."""
    offered: list[Offered] | UnsetType = UNSET
    """Lists that the notebook could use; absent if it has an environment, or there is none."""


class Kernel(Message, frozen=True):
    """A running kernel and its environment."""

    id: str
    notebook: str | None
    """API path."""
    block: Block | None
    environment: Environment | None
    """What its code can import from now."""
    next: Environment | None
    """The environment of its block, if that is built and the kernel does not see it yet, or was told of another one
    since."""
    restart: str | None
    """Why the kernel cannot see it without a restart, for example `restart to use pandas 3.1.1`; null while the kernel
    was not told of it, or has not answered."""
    asking: str | None
    """A question about packages that the kernel has asked, and that waits for an answer."""
    base: bool
    """It runs in the base environment."""
    standin: bool
    """It waits for its environment, and cannot run code."""
    without: bool
    """It runs in the base environment, although the notebook has an environment of its own."""
    status: Status
    job: Job | None
    """The change or build that runs for this kernel."""
    waiting: Waiting | None
    unsupported: str | UnsetType = UNSET
    """Why this server cannot give environments to kernels, in a sentence; absent if it can."""
    unkept: str | UnsetType = UNSET
    """Why the document does not keep its environment when it is saved, and what to do; absent if it keeps it."""
    offered: list[Offered] | UnsetType = UNSET
    """Lists that the notebook could use; absent if it has an environment, or there is none."""


class NewBlock(Message, frozen=True):
    """The block that the kernel uses after its next restart."""

    block: Block | None
    before: Digest | UnsetType | None = UNSET
    """The digest of the block that it was made from: refused with 409 if the kernel has another one by now. Absent: it
    counts in any case."""


class Declined(Message, frozen=True):
    """A change that waits for a notebook, and that nobody wants."""

    notebook: str
    """API path."""
    before: Block | None
    block: Block | None
    """As it was offered: another one that waits by now goes on waiting."""


class Nothing(Message, frozen=True):
    """An empty object."""
