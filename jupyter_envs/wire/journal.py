"""The lines of a job's journal, which `--journal -` writes. Whoever reads them passes over what he does not know: a
newer version may say more."""

from __future__ import annotations

from typing import Any

from .errors import Problem
from .values import Changed, Message


class Phase(Message, frozen=True, tag_field="event", tag="phase"):
    """Something begins."""

    phase: str
    """python, resolve, download, build, install, verify, publish or clean."""
    text: str


class Progressed(Message, frozen=True, tag_field="event", tag="progress"):
    """How far that is; without a text, that of its phase holds."""

    phase: str
    done: int
    total: int
    """0 where it is not known."""
    text: str
    fetched: tuple[int, int]
    """Bytes that are here, and of how many; 0 where that is not known."""


class Plan(Message, frozen=True, tag_field="event", tag="plan"):
    """What will change, known before anything is installed."""

    changed: Changed


class Note(Message, frozen=True, tag_field="event", tag="note"):
    """Something the user should know."""

    text: str


class Done(Message, frozen=True, tag_field="event", tag="done"):
    """The last line. The result is the verb's own, as `--json` prints it: that of a change is a JobResult."""

    result: dict[str, Any]


class Failed(Message, frozen=True, tag_field="event", tag="failed"):
    """The last line: nothing has changed."""

    error: Problem


class Stopped(Message, frozen=True, tag_field="event", tag="cancelled"):
    """The last line: somebody stopped it."""


Line = Phase | Progressed | Plan | Note | Done | Failed | Stopped
"""One line."""
