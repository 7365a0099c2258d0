"""Events: hints to ask the server again. They say what changed and its id, and contain neither names nor paths."""

from __future__ import annotations

from typing import Literal

from .values import Message

EVENTS = "https://events.jupyter.org/jupyter_envs/change/v1"
What = Literal["job", "kernel", "environment"]


class Hint(Message, frozen=True):
    """A hint that a job, a kernel or an environment changed, so that it is worth asking again."""

    what: What
    """What changed."""
    id: str
    """The id of the job, the kernel or the environment."""
    state: str
    """For a job: running, done, failed, cancelled or interrupted. For a kernel: changed (its block), standin (it waits
    for its environment), switched (its session has a new kernel). For an environment: built or deleted."""
