"""What uv remarks although it found a solution, in our words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from packaging.version import Version

from ...model.interpreter import is_version
from ...model.lock import Package
from ...text import plain
from ..protocols import ResolveRequest

MOST = 8
"""How many are passed on."""
_YANKED = re.compile(r'`([^`=]+)==([^`]+)` is yanked(?: \(reason: "(.*)"\))?', re.DOTALL)
_EXTRA = re.compile(r"`([^`=\s]+)(?:==([^`]+)| @ [^`]+)` does not have an extra named `([^`]+)`")


def remarks_in(stderr: str) -> tuple[str, ...]:
    """`attrs 21.1.0 is yanked: …`, `six 1.17.0 has no extra called x.`"""
    lines = re.findall(r"(?m)^warning: (.*(?:\n(?!warning: ).*)*)", plain(stderr))
    found = [text for line in lines if (text := _ours(" ".join(line.split())))]
    return tuple(dict.fromkeys(found))[:MOST]


def of_prereleases(rows: Iterable[Package], request: ResolveRequest) -> Iterator[str]:
    """What was asked for, and has no final version that fits. uv takes a pre-release then without a word."""
    before = {(row.name, row.version) for row in request.previous.packages} if request.previous else set()
    free = {item.name for item in request.spec.requirements if not (item.specifier.prereleases or request.prerelease)}
    for row in rows:
        if row.name in free and (row.name, row.version) not in before and _is_prerelease(row.version):
            yield f"{row.name} {row.version} is a pre-release: no final version fits."


def _is_prerelease(version: str) -> bool:
    return is_version(version) and Version(version).is_prerelease


def _ours(line: str) -> str:
    if match := _YANKED.match(line):
        reason = (match[3] or "").rstrip(".")
        return f"{match[1]} {match[2]} is yanked (withdrawn by its authors){f': {reason}' if reason else ''}."
    if match := _EXTRA.search(line):
        package = f"{match[1]} {match[2]}" if match[2] else match[1]
        return f"{package} has no extra called {match[3]}, so nothing was installed for it."
    return ""
