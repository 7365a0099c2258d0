"""Constraints of poetry as those of PEP 440: `^1.2`, `~1.2`, `>=1 <2 || >=3`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from packaging.specifiers import SpecifierSet
from poetry.core.constraints.version import Version, VersionConstraint, VersionRange, VersionUnion, parse_constraint

from ..errors import InputError

WRITE_ONE = "Write it as one range, in a copy of the file."
MINORS = range(30)
LONGEST = 300
"""Characters."""


def specifier_of(text: str, where: str) -> str:
    """`^1.2` as `>=1.2,<2.0`. Raises InputError for what PEP 440 cannot say."""
    text = text.strip()
    found = _pep440(text)
    if found is not None:
        return found
    ranges = list(_ranges(_parsed(text, where)))
    if len(ranges) == 1:
        return _written(ranges[0])
    raise _unsayable(text, where)


def _pep440(text: str) -> str | None:
    if text in ("*", ""):
        return ""
    try:
        return str(SpecifierSet(text)) if len(text) <= LONGEST else None
    except ValueError:
        return None


def _parsed(text: str, where: str) -> VersionConstraint:
    try:
        found = parse_constraint(text) if len(text) <= LONGEST else None
    except Exception:  # whatever its parser raises
        found = None
    if found is None or found.is_empty():
        raise _unsayable(text, where)
    return found


def _unsayable(text: str, where: str) -> InputError:
    return InputError("foreign-file", f"{where}: {text[:60]!r} cannot be written as one requirement.", hint=WRITE_ONE)


def _ranges(found: VersionConstraint) -> Iterator[VersionRange]:
    """Those that touch are one."""
    parts = [VersionRange(p, p, True, True) if isinstance(p, Version) else p for p in _parts(found)]
    last: VersionRange | None = None
    for part in parts:
        assert isinstance(part, VersionRange)
        if last and last.max and _end(last.max) == part.min and (last.include_max or part.include_min):
            last = VersionRange(last.min, part.max, last.include_min, part.include_max)
            continue
        if last:
            yield last
        last = part
    if last:
        yield last


def _end(version: Version) -> Version:
    return Version.parse(version.text.removesuffix(".dev0"))


def _parts(found: VersionConstraint) -> list[Any]:
    return [*found.ranges] if isinstance(found, VersionUnion) else [found]


def _written(one: VersionRange) -> str:
    """Without the `.dev0` with which poetry-core marks where a range ends: uv would then take pre-releases."""
    if one.is_any():
        return ""
    if one.min and one.min == one.max:
        return f"=={one.min.text}"
    return str(one).replace(".dev0", "")


def python_of(text: str, where: str) -> str | None:
    """Gaps between whole minor versions are written as `!=3.10.*`."""
    found = _pep440(text)
    if found is not None:
        return found or None
    ranges = list(_ranges(_parsed(text, f"{where}: python")))
    without = list[str]()
    for one, other in pairwise(ranges):
        low, high = one.max, other.min
        if (
            low is None
            or high is None
            or one.include_max
            or not other.include_min
            or max(low.precision, high.precision) > 2
        ):
            raise _unsayable(text, f"{where}: python")
        without += [f"!=3.{m}.*" for m in MINORS if low <= Version.parse(f"3.{m}") < high]
    hull = VersionRange(ranges[0].min, ranges[-1].max, ranges[0].include_min, ranges[-1].include_max)
    return ",".join([part for part in (_written(hull), *without) if part]) or None
