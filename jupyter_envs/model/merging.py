"""What somebody types, added to what a notebook asks for already. As in pip and uv, lines of one name add up; a later
limit replaces an earlier one, and that is said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace
from packaging.markers import Marker

from ..errors import InputError
from .requirement import ANY, MAX_REQUIREMENT_LENGTH, MAX_REQUIREMENTS, Requirement

VALUE = r"""(\w+|"[^"]*"|'[^']*')"""
COMPARISON = re.compile(rf"{VALUE}\s+(===|==|!=|<=|>=|~=|<|>|not in|in)\s+{VALUE}")
PARTS = re.compile(rf"{COMPARISON.pattern}|\band\b|\bor\b|[()]")
"""What a marker consists of."""
OPPOSITE = {"==": "!=", "<": ">=", ">": "<=", "in": "not in"}
OPPOSITE |= {other: one for one, other in OPPOSITE.items()}
ORDER = ("<", "<=", ">", ">=")
MINOR = re.compile(r"""["']\d+\.\d+["']""")
TEXTS = (
    "os_name",
    "sys_platform",
    "platform_machine",
    "platform_system",
    "platform_python_implementation",
    "implementation_name",
)


@dataclass(frozen=True)
class Merged:
    """The new list, and a sentence for each limit in the old one that no longer applies."""

    requirements: tuple[Requirement, ...]
    notes: tuple[str, ...] = ()


def add_up(items: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """Lines of one name that apply under the same condition, as one line with the extras and limits of all. A source
    with a limit, or two sources, are no line that could be written: they stay as they are."""
    groups: dict[tuple[str, str], list[Requirement]] = {}
    for item in items:
        groups.setdefault((item.name, str(item.marker or "")), []).append(item)
    return tuple(row for group in groups.values() for row in _as_one(group))


def _as_one(group: list[Requirement]) -> list[Requirement]:
    sources = {item.source for item in group if item.source}
    one = replace(group[0], extras=_extras(group), source=next(iter(sources), None))
    for item in group[1:]:
        one = replace(one, specifier=one.specifier & item.specifier)
    possible = len(sources) < 2 and not (one.source and one.specifier) and len(one.text) <= MAX_REQUIREMENT_LENGTH
    return [one] if possible else list(dict.fromkeys(group))


def merge_requirements(declared: Iterable[Requirement], typed: Iterable[Requirement]) -> Merged:
    """Rows of names that were not typed stay as they are. A name alone leaves the limits of its row. Raises InputError
    `req-long`, `req-too-many`."""
    rows: dict[str, list[Requirement]] = {}
    for item in declared:
        rows.setdefault(item.name, []).append(item)
    new: dict[str, list[Requirement]] = {}
    for item in add_up(typed):
        new.setdefault(item.name, []).append(item)
    notes: list[str] = []
    for name, items in new.items():
        rows[name] = _merged(rows.get(name, []), items, notes)
        for item in rows[name]:
            if len(item.text) > MAX_REQUIREMENT_LENGTH:
                raise InputError(
                    "req-long", f"{name}: what is asked for is longer than {MAX_REQUIREMENT_LENGTH} characters."
                )
    merged = tuple(item for items in rows.values() for item in items)
    if len(merged) > MAX_REQUIREMENTS:
        raise InputError("req-too-many", f"These are more than {MAX_REQUIREMENTS} requirements.")
    return Merged(merged, tuple(dict.fromkeys(notes)))


def _merged(had: list[Requirement], typed: list[Requirement], notes: list[str]) -> list[Requirement]:
    """The rows of one name."""
    markers = [item.marker for item in typed]
    others = [row for row in had if row.marker not in markers]
    everywhere = [row for row in had if row.marker is None]
    result = []
    for item in typed:
        if item.selects:
            others = [left for row in others for left in _beside(row, item, notes)]
            # It may stand in place of a limit for every machine, whose extras still apply.
            item = replace(item, extras=_extras([item, *everywhere]))
        result += _over([row for row in had if row.marker == item.marker], item, notes)
    return list(dict.fromkeys([*others, *result]))


def _over(rows: list[Requirement], item: Requirement, notes: list[str]) -> list[Requirement]:
    """A typed line in place of those that applied under the same condition."""
    if not rows:
        return [item]
    if not item.selects:
        if item.extras:
            rows = [replace(rows[0], extras=_extras([*rows, item])), *rows[1:]]
        return rows
    for row in rows:
        if row.specifier and row.specifier != item.specifier:
            notes.append(_replaced(row, item))
    return [replace(item, extras=_extras([*rows, item]))]


def _beside(row: Requirement, item: Requirement, notes: list[str]) -> list[Requirement]:
    """What is left of a row with another condition than a typed limit or source."""
    if not row.specifier or row.specifier == item.specifier:
        return [row]
    if item.marker is None or item.marker == row.marker:  # the latter: a line of this command has left it there
        notes.append(_replaced(row, item))
        left = replace(row, specifier=ANY)
        return [] if {*left.extras} <= {*item.extras} else [left]
    elsewhere = _opposite(item.marker) if row.marker is None else None
    if elsewhere is None:
        if row.marker is None or not _exclude(row.marker, item.marker):
            notes.append(f"{_limit(row)} still applies, too.")
        return [row]
    notes.append(f"{_limit(row)} now applies only where {elsewhere}, since {_limit(item)} was typed later.")
    return [replace(row, marker=elsewhere)]


def _replaced(row: Requirement, item: Requirement) -> str:
    why = "another source was named for it" if item.source else f"{_limit(item)} was typed later"
    return f"{_limit(row)} no longer applies: {why}."


def _limit(item: Requirement) -> str:
    return replace(item, extras=()).text


def _extras(rows: Iterable[Requirement]) -> tuple[str, ...]:
    return tuple(sorted({extra for row in rows for extra in row.extras}))


def _exclude(one: Marker, other: Marker) -> bool:
    """Whether it is plain that no machine is in both conditions."""
    if " or " in f"{one}{other}":
        return str(_opposite(one)) == str(other)
    pairs = [(a, b) for a in COMPARISON.findall(str(one)) for b in COMPARISON.findall(str(other)) if a[0] == b[0]]
    different = (a[1] == b[1] == "==" and _are_different(a[0], a[2], b[2]) for a, b in pairs)
    return any(different) or any(OPPOSITE.get(a[1]) == b[1] and a[2] == b[2] for a, b in pairs)


def _are_different(variable: str, one: str, other: str) -> bool:
    """Whether it cannot have both values. Two versions may be written in two ways, and `3.*` is many."""
    if variable == "python_version" and MINOR.fullmatch(one) and MINOR.fullmatch(other):
        return one.strip("\"'") != other.strip("\"'")
    return variable in TEXTS and one != other


def _opposite(marker: Marker) -> Marker | None:
    """The condition that applies where this one does not; None if a comparison in it has no opposite."""
    parts = [found[0] for found in PARTS.finditer(str(marker))]
    whole = "".join(parts).replace(" ", "") == str(marker).replace(" ", "")
    text = _negated(parts) if whole else None
    return Marker(text) if text and not parts else None


def _negated(parts: list[str]) -> str | None:
    """Not (A and B or C) is (not A or not B) and not C. Takes what it has read off the list."""
    alternatives: list[str] = []
    while not alternatives or parts[:1] == ["or"]:
        del parts[: bool(alternatives)]
        together: list[str] = []
        while not together or parts[:1] == ["and"]:
            del parts[: bool(together)]
            one = _negated_one(parts)
            if one is None:
                return None
            together.append(one)
        alternatives.append(together[0] if len(together) == 1 else f"({' or '.join(together)})")
    return alternatives[0] if len(alternatives) == 1 else f"({' and '.join(alternatives)})"


def _negated_one(parts: list[str]) -> str | None:
    first = parts.pop(0)
    if first == "(":
        inner = _negated(parts)
        del parts[:1]
        return inner
    found = COMPARISON.fullmatch(first)
    if (
        found
        and found[2] in ORDER
        and not (
            (found[1] == "python_version" and MINOR.fullmatch(found[3]))
            or (found[3] == "python_version" and MINOR.fullmatch(found[1]))
        )
    ):
        return None  # of a release of a system, or of a candidate of a Python, neither the one nor the other is true
    opposite = OPPOSITE.get(found[2]) if found else None
    return f"{found[1]} {opposite} {found[3]}" if found and opposite else None
