"""A requirement as somebody typed it, and lists of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from .lock import Vcs


@dataclass(frozen=True)
class Typed:
    """One thing to install. `requirement` is normalised PEP 508 without a place; the place, if any, is one of
    `vcs` (still without commit; with the sha256 that an archive must have, where one was given) and `path`
    (absolute)."""

    requirement: str
    name: str
    vcs: Vcs | None = None
    path: Path | None = None
    editable: bool = False

    @property
    def placed(self) -> bool:
        return self.vcs is not None or self.path is not None


def merged(dependencies: Iterable[str], typed: Iterable[Typed]) -> tuple[str, ...]:
    """Declared dependencies with the typed ones added; a bare name leaves declared limits as they are. One name may
    be asked for in several ways: under different conditions, or with two limits."""
    result: dict[str, list[str]] = {}
    for text in dependencies:
        result.setdefault(Requirement(text).name, []).append(text)
    limits: dict[str, list[str]] = {}
    for item in typed:
        if item.requirement != item.name:
            limits.setdefault(item.name, []).append(item.requirement)
        else:
            result.setdefault(item.name, [item.name])
    return tuple(text for texts in (result | limits).values() for text in dict.fromkeys(texts))
