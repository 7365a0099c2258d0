"""The lines of a job's journal, which `--journal -` writes. Readers skip what they do not know: a newer
version may write more."""

from __future__ import annotations

from typing import Any

from .errors import Problem
from .values import Changed, Message


class Phase(Message, frozen=True, tag_field="event", tag="phase"):
    """A phase begins."""

    phase: str
    """python, resolve, download, build, install, verify, publish or clean."""
    text: str


class Progressed(Message, frozen=True, tag_field="event", tag="progress"):
    """The progress of the phase. If the text is empty, that of the phase still applies."""

    phase: str
    done: int
    total: int
    """0 if unknown."""
    text: str
    fetched: tuple[int, int]
    """Bytes downloaded, and bytes in total; 0 if unknown."""


class Plan(Message, frozen=True, tag_field="event", tag="plan"):
    """What will change, known before anything is installed."""

    changed: Changed


class Note(Message, frozen=True, tag_field="event", tag="note"):
    """A sentence for the user."""

    text: str


class Done(Message, frozen=True, tag_field="event", tag="done"):
    """The last line. The result is what `--json` prints for this verb: for a change, a JobResult."""

    result: dict[str, Any]


class Failed(Message, frozen=True, tag_field="event", tag="failed"):
    """The last line: nothing has changed."""

    error: Problem


class Stopped(Message, frozen=True, tag_field="event", tag="cancelled"):
    """The last line: the user cancelled it."""


Line = Phase | Progressed | Plan | Note | Done | Failed | Stopped
"""One line."""
