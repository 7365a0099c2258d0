"""How far a download is, as text, and how much longer it will take, estimated from the time that it took so far."""

from __future__ import annotations

import time
from typing import Callable

from .amounts import size, time_left

SHORTEST = 2.0
"""Seconds before which an estimate would be worthless."""


class Pace:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._phase = ""
        self._from = (0, 0.0)

    def words(self, phase: str, here: int, total: int) -> str:
        """`3.1 MB of 12 MB, 9 s left`, of bytes; "" if nothing has to be downloaded."""
        now = self._clock()
        if phase != self._phase:
            self._phase, self._from = phase, (here, now)
        if not total:
            return ""
        more, seconds = here - self._from[0], now - self._from[1]
        known = more > 0 and here < total and seconds >= SHORTEST
        return f"{size(here)} of {size(total)}" + (f", {time_left((total - here) * seconds / more)}" if known else "")
