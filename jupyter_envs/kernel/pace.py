"""How far a download is, in words, and how long it will take, judged by how long it took so far."""

from __future__ import annotations

import time
from typing import Callable

from .amounts import size, time_left

SHORTEST = 2.0
"""Seconds before which a guess is worth nothing."""


class Pace:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._phase = ""
        self._from = (0, 0.0)

    def words(self, phase: str, here: int, total: int) -> str:
        """`3.1 MB of 12 MB, 9 s left`, of bytes; "" where nothing is to be fetched."""
        now = self._clock()
        if phase != self._phase:
            self._phase, self._from = phase, (here, now)
        if not total:
            return ""
        more, seconds = here - self._from[0], now - self._from[1]
        known = more > 0 and here < total and seconds >= SHORTEST
        return f"{size(here)} of {size(total)}" + (f", {time_left((total - here) * seconds / more)}" if known else "")
