"""Structures of foreign files, taken apart key by key: what has another shape than its format says is refused, with
file and key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from packaging.markers import InvalidMarker, Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

from ..errors import InputError

T = TypeVar("T")
MAX_BRACKETS = 32
LONGEST = 4000
"""Characters of a marker."""
WRITE_AGAIN = "Write it again with the tool it comes from."


@dataclass(frozen=True)
class Table:
    """`where`: the file, and the key of this table in it."""

    values: Mapping[str, Any]
    where: str

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def text(self, key: str, absent: str = "") -> str:
        return self._taken(key, str, absent, "text")

    def flag(self, key: str) -> bool:
        return self._taken(key, bool, False, "true or false")

    def table(self, *keys: str) -> Table:
        """An empty one where it is absent."""
        found = self
        for key in keys:
            found = Table(found._taken(key, dict, {}, "a table"), f"{found.where}: {key}")
        return found

    def tables(self, key: str) -> Iterator[Table]:
        for i, value in enumerate(self._taken(key, list, [], "a list of tables")):
            if not isinstance(value, dict):
                self.refuse(key, "a list of tables")
            yield Table(value, f"{self.where}: {key}[{i}]")

    def texts(self, key: str) -> tuple[str, ...]:
        values = self._taken(key, list, [], "a list of texts")
        if not all(isinstance(value, str) for value in values):
            self.refuse(key, "a list of texts")
        return tuple(values)

    def named(self) -> Iterator[tuple[str, Table]]:
        """All values, which are tables."""
        for key in self.values:
            yield key, self.table(key)

    def name(self, key: str = "name") -> str:
        """The canonical name of a package."""
        try:
            return str(canonicalize_name(self.text(key), validate=True))
        except InvalidName:
            return self.refuse(key, "the name of a package")

    def version(self, key: str = "version") -> str:
        try:
            return str(Version(self.text(key)))
        except InvalidVersion:
            return self.refuse(key, "a version")

    def limits(self, key: str) -> SpecifierSet:
        try:
            return SpecifierSet(self.text(key))
        except InvalidSpecifier:
            return self.refuse(key, "a limit for versions")

    def marker(self, key: str = "marker") -> Marker | None:
        text = self.text(key)
        return marker_of(text, f"{self.where}: {key}") if text else None

    def refuse(self, key: str, expected: str) -> NoReturn:
        raise InputError("foreign-file", f"{self.where}: {key} is not {expected}.", hint=WRITE_AGAIN)

    def _taken(self, key: str, kind: type[T], absent: T, expected: str) -> T:
        value = self.values.get(key, absent)
        return value if isinstance(value, kind) else self.refuse(key, expected)


def marker_of(text: str, where: str) -> Marker:
    """Raises InputError."""
    try:
        if len(text) < LONGEST and text.count("(") <= MAX_BRACKETS:
            return Marker(text)
    except (InvalidMarker, RecursionError):
        pass
    raise InputError("foreign-file", f"{where}: {text[:60]!r} is not an environment marker.", hint=WRITE_AGAIN)
