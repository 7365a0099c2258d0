"""Errors."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from ..errors import EnvsError
from .values import Message, Text

WayCode = Annotated[
    Literal["python", "version", "name", "limit", "condition", "without", "build"],
    Meta(
        title="WayCode",
        description="`python`: another Python. `version`: another version. `name`: the package that was meant. "
        "`limit`: without a limit that was given. `condition`: on some systems only. `without`: the rest of what was "
        "asked for. `build`: built from source, which runs its code.",
    ),
]


class Step(Message, frozen=True):
    """One change, as a job carries it out."""

    action: Literal["install", "python"]
    packages: list[str]
    """For install: requirements."""
    python: str | None
    """For python: a version like 3.12."""
    allow_build: list[str]
    """Names of packages that may be built from source, which runs their code."""


class Way(Message, frozen=True):
    """A way out of an error, in the list `ways` of its data: the changes that it takes, in their order. It was tried,
    as far as that was possible in time."""

    code: WayCode
    words: Text
    """What a button says."""
    steps: list[Step]


class Problem(Message, frozen=True):
    """An error: a stable code, one sentence, and what to do."""

    code: Text
    sentence: Text
    hint: str
    details: str
    """What a tool printed."""
    data: dict[str, Any]


class Refusal(Message, frozen=True):
    """Why the server refused a request; `message` and `reason` are what Jupyter's own errors have."""

    message: Text
    reason: Text
    error: Problem

    @classmethod
    def because(cls, error: EnvsError) -> Refusal:
        return cls(error.sentence, error.code, Problem.of(error))
