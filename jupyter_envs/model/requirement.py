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
    `vcs` (still without commit or hash) and `path` (absolute)."""

    requirement: str
    name: str
    vcs: Vcs | None = None
    path: Path | None = None
    editable: bool = False

    @property
    def placed(self) -> bool:
        return self.vcs is not None or self.path is not None


def merged(dependencies: Iterable[str], typed: Iterable[Typed]) -> tuple[str, ...]:
    """Declared dependencies with the typed ones added; a bare name leaves a declared limit as it is."""
    result = {Requirement(text).name: text for text in dependencies}
    for item in typed:
        if item.requirement != item.name or item.name not in result:
            result[item.name] = item.requirement
    return tuple(result.values())
