"""What can be seen at a glance of an environment that is damaged, and what people are told about it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..model.environment import python_of
from ..model.interpreter import signature
from .wheel.wheels import HOPS, LINKING

if TYPE_CHECKING:
    from .shelf import Pointer

DAMAGE = {
    "env-stale-python": "The Python that this environment was made with has been removed or upgraded.",
    "env-drift": "Files of this environment were changed after it was made.",
}
"""By the code that `Store.health` returns."""
BUILT_AGAIN = "It is built again from its lock."


def is_whole(prefix: Path, pointer: Pointer) -> bool:
    """Whether its Python is the one that it was made with, and the folder of each of its wheels is there: one look for
    each, two microseconds. What is in the folders, `Store.health` compares."""
    found = signature(python_of(prefix))
    if found is None or (sys.platform != "win32" and list(found) != pointer.python.signature):
        return False
    return all(_is_there(f"{prefix}/{HOPS}/{number}", pointer.mode) for number in range(len(pointer.wheels)))


def is_outdated(pointer: Pointer) -> bool:
    """Whether it has to be linked again: an older version put it together, or one that was somewhere else on this
    machine. Processes in it would not find our programs, and not notice what is installed while they run."""
    return pointer.linking < LINKING or not os.path.isdir(pointer.stubs)  # noqa: PTH112  # at each start


def _is_there(hop: str, mode: str) -> bool:
    """Copies need no link to their wheel; one that is there has to lead to it."""
    return os.path.isdir(f"{hop}/l") or (mode != "links" and not os.path.lexists(hop))  # noqa: PTH112  # for each wheel
