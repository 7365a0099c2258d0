"""What somebody types, as a door hands it to a use case."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from jupyter_envs.dialects.pip_arguments import parse
from jupyter_envs.model.requirement import Requirement


def typed(*words: str, editable: tuple[str, ...] = (), base: Path | None = None) -> tuple[Requirement, ...]:
    return parse(words, editable=editable, base=base)


def texts(items: Iterable[Requirement]) -> tuple[str, ...]:
    return tuple(item.text for item in items)
