"""Errors."""

from __future__ import annotations

from typing import Any

from ..errors import EnvsError
from .values import Message, Text


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
