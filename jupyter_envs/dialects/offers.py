"""What a notebook without an environment is offered: lists inside it and beside it. A quick look, within limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..kernel.amounts import count
from ..kernel.foreign import quoted
from .found import Found
from .given_hashes import looking
from .in_notebook import look
from .table import beside, dialect_of

MOST_FILES = 20
LARGEST = 1 << 20
"""Bytes of a file that is read for an offer."""


@dataclass(frozen=True)
class Offer:
    """`name`: what takes it, behind --from if it is `inside` the notebook, or as the name of a file beside it;
    `packages`: how many are asked for, or locked where nobody can see what was asked for."""

    name: str
    inside: bool
    dialect: str
    where: str
    packages: int
    locked: bool

    @property
    def sentence(self) -> str:
        """`juv: 3 packages, locked`"""
        said = self.dialect if self.inside or self.dialect == self.name else f"{self.name} ({self.dialect})"
        return f"{said}: {count(self.packages, 'package')}{', locked' if self.locked else ''}"

    @property
    def words(self) -> str:
        return f"--from {self.name}" if self.inside else quoted(self.name)


def offers(content: Mapping[str, Any], folder: Path | None) -> Iterator[Offer]:
    """The likeliest first. `folder`: the notebook's, where its files can be read. What cannot be read is not offered:
    who asks for it is told why."""
    with looking():
        inside = list(look(content, folder))
    for name, found in inside:
        if isinstance(found, Found) and (number := _number(found)):
            yield Offer(name, True, found.dialect, found.where, number, bool(found.pins))
    for path in files_beside(folder) if folder else ():
        try:
            with looking():
                found = dialect_of(path).read(path, ())
        except InputError:
            continue
        if number := _number(found):
            yield Offer(path.name, False, found.dialect, path.name, number, bool(found.pins))


def files_beside(folder: Path) -> Sequence[Path]:
    """Those that are small enough for a look."""
    try:
        return [path for path in beside(folder) if path.stat().st_size <= LARGEST][:MOST_FILES]
    except OSError:
        return ()


def _number(found: Found) -> int:
    return len(found.requirements or found.pins) + len(found.conda.dependencies if found.conda else ())
