"""When a notebook was last run, and with which Python: what it says itself, and its file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

FIRST_DAY = date(2011, 12, 1)
"""No notebook is older."""
RECENT = timedelta(days=60)
"""A file that is newer was copied, downloaded or checked out: its date says nothing."""
WINDOW = timedelta(days=540)
"""How long people go on with a Python of some patch level."""
MIDDLE = timedelta(days=180)
NEXT_RELEASE = timedelta(days=120)

FIRST_RELEASES = {
    "2.7": (date(2010, 7, 3), 182), "3.4": (date(2014, 3, 16), 150), "3.5": (date(2015, 9, 13), 180),
    "3.6": (date(2016, 12, 23), 95), "3.7": (date(2018, 6, 27), 90), "3.8": (date(2019, 10, 14), 60),
    "3.9": (date(2020, 10, 5), 60), "3.10": (date(2021, 10, 4), 60), "3.11": (date(2022, 10, 24), 60),
    "3.12": (date(2023, 10, 2), 60), "3.13": (date(2024, 10, 7), 60), "3.14": (date(2025, 10, 7), 60),
}  # fmt: skip
"""Minor -> the day of its first release, and how many days lie between two patches, about."""
FIRST_WHEELS = {
    "3.6": date(2017, 9, 1), "3.7": date(2018, 10, 1), "3.8": date(2020, 11, 15), "3.9": date(2021, 1, 1),
    "3.10": date(2022, 1, 1), "3.11": date(2022, 12, 15), "3.12": date(2023, 12, 15), "3.13": date(2024, 12, 1),
    "3.14": date(2025, 12, 1),
}  # fmt: skip
"""From when on the usual packages, and those of every kernel, have had wheels for it: before that, they would be
compiled."""


@dataclass(frozen=True)
class Dated:
    day: date
    why: str


def python_of(metadata: Mapping[str, Any]) -> str | None:
    """`3.7.3`, as the kernel said it when the notebook was saved last."""
    info = metadata.get("language_info")
    version = info.get("version") if isinstance(info, Mapping) else None
    found = re.match(r"\d+\.\d+(?:\.\d+)?", version) if isinstance(version, str) else None
    return found[0] if found else None


def date_of(content: Mapping[str, Any], file: Path | None, today: date) -> Dated | None:
    """The best there is: the last run of a cell; the file, unless it is new; and the Python, which shows when a later
    date is that of a mere copy."""
    python = python_of(_mapping(content.get("metadata")))
    ran = max((day for day in _runs(content) if FIRST_DAY <= day <= today), default=None)
    if ran:
        return Dated(ran, "its cells were last run then")
    released = _released(python)
    changed = _changed(file)
    if changed and not (FIRST_DAY <= changed <= today - RECENT):
        changed = None
    if changed and (released is None or released <= changed <= released + WINDOW):
        return Dated(changed, "its file was last changed then")
    if released:
        return Dated(min(released + MIDDLE, today), f"Python {python}, with which it was saved, was current then")
    return None


def first_wheels(minor: str) -> date | None:
    return FIRST_WHEELS.get(minor)


def minor_of(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _released(version: str | None) -> date | None:
    if version is None or minor_of(version) not in FIRST_RELEASES:
        return None
    first, between = FIRST_RELEASES[minor_of(version)]
    patch = int(version.split(".")[2]) if version.count(".") == 2 else 4
    return first + timedelta(days=between * min(patch, 30))


def _changed(file: Path | None) -> date | None:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, timezone.utc).date() if file else None
    except (OSError, OverflowError, ValueError):
        return None


def _runs(content: Mapping[str, Any]) -> Iterator[date]:
    """Whatever programs have written about runs: Jupyter, nbextensions' ExecuteTime, Colab, papermill."""
    metadata = _mapping(content.get("metadata"))
    yield from _days(_mapping(metadata.get("papermill")), ("end_time", "start_time"))
    cells = content.get("cells")
    for cell in cells if isinstance(cells, list) else ():
        about = _mapping(_mapping(cell).get("metadata"))
        yield from _days(_mapping(about.get("execution")), None)
        yield from _days(_mapping(about.get("ExecuteTime")), ("end_time", "start_time"))
        yield from _days(_mapping(about.get("papermill")), ("end_time", "start_time"))
        yield from _days(_mapping(about.get("executionInfo")), ("timestamp",))


def _days(found: Mapping[str, Any], keys: tuple[str, ...] | None) -> Iterator[date]:
    for key, value in found.items():
        if keys is not None and key not in keys:
            continue
        if isinstance(value, str) and (text := re.match(r"\d{4}-\d{2}-\d{2}", value)):
            try:
                yield date.fromisoformat(text[0])
            except ValueError:
                continue
        elif isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**14:
            yield datetime.fromtimestamp(value / 1000, timezone.utc).date()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
