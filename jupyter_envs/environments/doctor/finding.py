from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from ...errors import EnvsError

Level = Literal["fine", "note", "wrong"]


@dataclass(frozen=True)
class Finding:
    """`what` it is about, in a word or two; `hint` is an action, or empty if there is nothing to do."""

    level: Level
    what: str
    sentence: str
    hint: str = ""

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


def of_error(what: str, error: EnvsError) -> Finding:
    return Finding("wrong", what, error.sentence, error.hint)
