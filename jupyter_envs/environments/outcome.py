"""The result of a use case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..model.block import Block
from ..model.progress import Changed
from ..store import Environment


@dataclass(frozen=True)
class Outcome:
    """What a use case did. `changed`: name -> (version before, after); `satisfied`: there was nothing to do; `asked`:
    names of the packages that were to be installed."""

    block: Block
    changed: Changed
    environment: Environment | None = None
    notes: tuple[str, ...] = ()
    satisfied: bool = False
    seconds: float = 0.0
    asked: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "block": self.block.to_dict(),
            "changed": {name: list(pair) for name, pair in self.changed.items()},
            "environment": self.environment.to_dict() if self.environment else None,
            "notes": list(self.notes),
            "satisfied": self.satisfied,
            "seconds": round(self.seconds, 3),
        }
