"""What is in the list of consents, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import msgspec

from ..model.closure import Chosen
from ..model.environment import InstalledFile

Row = tuple[str, str, str, str, str]
"""Name, version, sha256 and origin of a file, as `Chosen` has them, and the minor of the Python that it was approved
for."""


class Consent(msgspec.Struct, frozen=True, omit_defaults=True):
    """`packages`: how many; `rows`: positions of its files in the table of all files; `learned`: digests of lists and
    locks; `files`: sha256 only, as version 1 kept them."""

    at: str = ""
    how: str = ""
    python: str = ""
    packages: int = 0
    rows: tuple[int, ...] = ()
    learned: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def to_dict(self, digest: str) -> dict[str, Any]:
        """As the doors show it: `Consent` of wire/consents.py."""
        return {
            "digest": digest,
            "at": self.at,
            "how": self.how,
            "python": self.python,
            "packages": self.packages,
        }


class Approvals(msgspec.Struct, frozen=True):
    """`rows`: the table of all files; `startup`: sha256 of packages whose code may run before any cell."""

    closures: dict[str, Consent]
    rows: tuple[Row, ...] = ()
    startup: tuple[str, ...] = ()
    version: int = 2


class Given:
    """The content of the file at `state` (inode, mtime, size), and what follows from it."""

    def __init__(self, state: tuple[int, int, int] | None, value: Approvals) -> None:
        self.state, self.value = state, value

    @cached_property
    def rows(self) -> frozenset[Row]:
        return frozenset(self.value.rows)

    @cached_property
    def without_origin(self) -> frozenset[tuple[str, ...]]:
        return frozenset((*row[:3], row[4]) for row in self.value.rows)

    @cached_property
    def versions(self) -> frozenset[tuple[str, str]]:
        """Of packages that come from an index."""
        return frozenset(row[:2] for row in self.value.rows if not row[3] or row[3].startswith("index:"))

    @cached_property
    def old(self) -> frozenset[tuple[str, str]]:
        """Python and sha256."""
        return frozenset((given.python, sha256) for given in self.value.closures.values() for sha256 in given.files)

    @cached_property
    def setup(self) -> frozenset[str]:
        """sha256 of what the set-up installed."""
        entries = [given for given in self.value.closures.values() if given.how == "setup"]
        return frozenset(
            sha for given in entries for sha in (*given.files, *(self.value.rows[i][2] for i in given.rows))
        )

    @cached_property
    def learned(self) -> frozenset[str]:
        return frozenset(digest for given in self.value.closures.values() for digest in given.learned)

    def has(self, row: Row, here: Callable[[], bool]) -> bool:
        """Whether this file was approved. `here`: whether it is unpacked already: then any origin will do."""
        *file, origin, python = row
        return (
            row in self.rows
            or ((python, row[2]) in self.old and not origin)
            or ((*file, python) in self.without_origin and here())
        )


def key_of(row: Chosen, python: str) -> Row:
    return row.name, row.version, row.sha256, row.origin, python


def rows_of(value: Approvals, given: Consent) -> list[Row]:
    return [value.rows[i] for i in given.rows]


def files_of(value: Approvals, given: Consent | None) -> dict[str, InstalledFile]:
    """By package. Empty for what version 1 kept without names."""
    rows = rows_of(value, given) if given else []
    return {name: InstalledFile(sha256, origin) for name, _, sha256, origin, _ in rows}
