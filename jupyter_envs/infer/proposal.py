"""What a bare notebook seems to need: nothing of it is taken unasked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..dialects.found import Found, Pin
from ..model.requirement import Requirement
from .dates import Dated

OPTIONAL = "optional"
"""The group of what the code goes on without."""


@dataclass(frozen=True)
class Entry:
    """`modules`: what is imported of the package; `where`: `cell 3`, a file, or ""; `why`: the evidence for its name,
    or for the need. `optional`: the code goes on without it."""

    requirement: Requirement
    why: str
    where: str = ""
    modules: tuple[str, ...] = ()
    optional: bool = False

    def to_dict(self) -> dict[str, Any]:
        return {
            "requirement": self.requirement.text,
            "modules": list(self.modules),
            "where": self.where,
            "why": self.why,
            "optional": self.optional,
        }

    @property
    def line(self) -> str:
        where = f" ({self.where})" if self.where else ""
        what = f"import {', '.join(self.modules)}{where}; " if self.modules else ""
        return f"{what}{self.why}" + ("" if self.modules or not where else where)


@dataclass(frozen=True)
class Unknown:
    """A module of which nobody knows where it comes from, or that no index has."""

    module: str
    where: str
    why: str = "nobody knows which package brings it"

    def to_dict(self) -> dict[str, str]:
        return {"module": self.module, "where": self.where, "why": self.why}


@dataclass(frozen=True)
class Proposal:
    """`python`: as the notebook was saved, `3.7.3`; `local`: module -> where it lies; `library`: whether one of the
    packages is the project that the notebook belongs to, which is then newer than the last release of its time."""

    entries: tuple[Entry, ...]
    unknown: tuple[Unknown, ...] = ()
    local: Mapping[str, str] = field(default_factory=dict)
    python: str | None = None
    date: Dated | None = None
    library: bool = False
    pins: tuple[Pin, ...] = ()
    lines: Found | None = None
    """What the notebook's own lines of pip say besides."""
    notes: tuple[str, ...] = ()

    def found(
        self, exclude_newer: str | None = None, requires_python: str | None = None, *, pinned: bool = True
    ) -> Found:
        """What is taken over, as from any other file. `pinned`: with the versions that the notebook shows."""
        lines = self.lines
        return Found(
            "notebook",
            "its cells",
            requires_python=requires_python,
            requirements=tuple(entry.requirement for entry in self.entries if not entry.optional),
            pins=(*(hashed := lines.pins if lines else ()), *self._shown({pin.name for pin in hashed}, pinned)),
            limits=lines.limits if lines else (),
            groups={OPTIONAL: optional} if (optional := tuple(self._optional())) else {},
            indexes=lines.indexes if lines else (),
            taken_from=lines.taken_from if lines else {},
            no_index=lines.no_index if lines else "",
            exclude_newer=exclude_newer,
            prerelease=lines.prerelease if lines else False,
            notes=(*(lines.notes if lines else ()), *self.notes),
        )

    def _shown(self, others: Collection[str], pinned: bool) -> Iterator[Pin]:
        yield from (pin for pin in self.pins if pinned and pin.name not in others)

    def _optional(self) -> Iterator[Requirement]:
        yield from (entry.requirement for entry in self.entries if entry.optional)

    def to_dict(self) -> dict[str, Any]:
        return {
            "entries": [entry.to_dict() for entry in self.entries],
            "unknown": [each.to_dict() for each in self.unknown],
            "local": dict(self.local),
            "python": self.python,
            "date": {"day": self.date.day.isoformat(), "why": self.date.why} if self.date else None,
            "versions": {pin.name: pin.version for pin in self.pins},
            "notes": [*(self.lines.notes if self.lines else ()), *self.notes],
        }
