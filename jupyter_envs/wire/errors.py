"""Errors."""

from __future__ import annotations

from typing import Any

from ..errors import EnvsError
from .values import Message, Text


class Problem(Message, frozen=True):
    """An error: a code, one sentence, and an action."""

    code: Text
    sentence: Text
    hint: str
    details: str
    """Raw text of a tool."""
    data: dict[str, Any]


class Refusal(Message, frozen=True):
    """Why the server did not do it, also in Jupyter's own form."""

    message: Text
    reason: Text
    error: Problem

    @classmethod
    def because(cls, error: EnvsError) -> Refusal:
        return cls(error.sentence, error.code, Problem.of(error))
