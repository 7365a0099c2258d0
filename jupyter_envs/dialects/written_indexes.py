"""For formats of projects, which describe indexes and say of what is asked for which of them it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from ..model.lock import Lock
from ..model.spec import Spec
from .unsaid import PARTS


class WrittenIndexes(NamedTuple):
    """`of`: the index of a package that is asked for; `urls`: the addresses of these; `notes`: what is left out."""

    of: Mapping[str, str]
    urls: Mapping[str, str]
    notes: tuple[str, ...]


def indexes_to_write(spec: Spec, lock: Lock | None, urls: Mapping[str, str]) -> WrittenIndexes:
    """A package that only came with others cannot be named there, nor an index whose address is not known here."""
    placed = {row.name for row in (lock.packages if lock else ()) if row.vcs or row.directory}
    asked = {*spec.names} - placed
    of = {name: index for index, names in spec.indexes.items() for name in names if name in asked and index in urls}
    return WrittenIndexes(
        of, {index: urls[index] for index in dict.fromkeys(of.values())}, tuple(_left(spec, lock, urls, of))
    )


def _left(spec: Spec, lock: Lock | None, urls: Mapping[str, str], of: Mapping[str, str]) -> Iterator[str]:
    others = {
        index: left
        for index, names in spec.indexes.items()
        if (left := tuple(name for name in names if name not in of))
    }
    rows = tuple(row for row in (lock.packages if lock else ()) if row.name not in of)
    rest = msgspec.structs.replace(lock, packages=rows) if lock else None
    yield from PARTS["indexes"].find(msgspec.structs.replace(spec, indexes=others), rest, urls)
