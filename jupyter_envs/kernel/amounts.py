"""Sizes, times and lists as text. The panel formats them in the same way (`labextension/src/words.ts`); the tests of
both read the same examples, `tests/wire/words.json`."""

from __future__ import annotations

import math
from typing import Sequence

UNITS = ("B", "kB", "MB", "GB")


def size(number: int) -> str:
    """Of bytes: `310 kB`, `1.2 GB`; with tenths below ten. Halves are rounded up, in whole numbers, since floats may
    not do this."""
    unit = 0
    while _rounded(number, 1000**unit) >= 1000 and unit < len(UNITS) - 1:
        unit += 1
    tenths = _rounded(10 * number, 1000**unit)
    text = f"{tenths // 10}.{tenths % 10}" if unit and tenths < 100 else str(_rounded(number, 1000**unit))
    return f"{text} {UNITS[unit]}"


def _rounded(number: int, by: int) -> int:
    return (2 * number + by) // (2 * by)


def time_left(seconds: float) -> str:
    """`9 s left`, `5 min left`"""
    return f"{math.ceil(seconds)} s left" if seconds < 90 else f"{math.floor(seconds / 60 + 0.5)} min left"


def count(number: int, noun: str) -> str:
    """`1 wheel`, `14 wheels`"""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def named(names: Sequence[str], limit: int) -> str:
    """The first few, and how many more: `numpy, pandas and 3 more`."""
    rest = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {rest} more" if rest > 0 else "")
