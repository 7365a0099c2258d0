"""What a job was asked to do, and what is known about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from ...errors import UsageError

State = Literal["running", "done", "failed", "cancelled", "interrupted"]
Line = dict[str, Any]
CONTENT = "notebook.ipynb"
"""In the folder of a job, which its process is in."""


@dataclass(frozen=True)
class JobRequest:
    """`action` is a verb of the command line and `words` what stands behind it; `notebook` and `kernel` are told
    back as given, `place` is the notebook's absolute path; `accept` a consent digest; `block` JSON-ready; `options`
    are made by a door, never typed; `content` is the notebook itself, for an action that looks into it."""

    action: str
    words: tuple[str, ...] = ()
    block: dict[str, Any] | None = None
    notebook: str | None = None
    kernel: str | None = None
    place: str | None = None
    accept: str | None = None
    allow_build: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    content: dict[str, Any] | None = None

    def arguments(self) -> list[str]:
        """Raises UsageError: no argument of a request may be an option."""
        if any(word.startswith("-") for word in (self.action, *self.words, *self.allow_build)):
            raise UsageError("job-option", "A job takes package names, not options.")
        place = ["--notebook", self.place] if self.place else []
        allowed = [item for name in self.allow_build for item in ("--allow-build", name)]
        content = ["--content", CONTENT] if self.content is not None else []
        return [self.action, "--block", "-", "--journal", "-", *place, *content, *allowed, *self.options, *self.words]


@dataclass(frozen=True)
class Job:
    """`started` and `ended` are UTC, `2026-11-21T09:00:00Z`; `stderr` is the end of what the process complained."""

    id: str
    request: JobRequest
    state: State
    started: str
    ended: str | None = None
    stderr: str = ""


class Stored(msgspec.Struct, frozen=True):
    """request.json: a JobRequest, but for its block, and when it `started`."""

    action: str
    started: str
    words: tuple[str, ...] = ()
    notebook: str | None = None
    kernel: str | None = None
    place: str | None = None
    accept: str | None = None
    allow_build: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    @property
    def request(self) -> JobRequest:
        return JobRequest(
            self.action,
            self.words,
            None,
            self.notebook,
            self.kernel,
            self.place,
            self.accept,
            self.allow_build,
            self.options,
        )


class Process(msgspec.Struct, frozen=True):
    """process.json: the pid, and when that process started, in POSIX seconds."""

    pid: int
    started: float | None
