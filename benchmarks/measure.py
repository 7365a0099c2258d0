"""Paired measurement: both sides take turns in one run, so that a busy machine slows both."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Result:
    """Seconds of each round. `goal` is for the ratio where there is something to compare with, else for seconds."""

    name: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...] = ()
    against: str = ""
    goal: float | None = None

    @property
    def ratio(self) -> float | None:
        """Of the medians."""
        return median(self.ours) / median(self.theirs) if self.theirs else None

    @property
    def paired_ratio(self) -> float | None:
        """Median of the ratios of each round: insensitive to slow spells of the machine."""
        return median(a / b for a, b in zip(self.ours, self.theirs, strict=True)) if self.theirs else None

    @property
    def figure(self) -> float:
        return median(self.ours) if self.paired_ratio is None else self.paired_ratio

    def row(self) -> tuple[str, ...]:
        """Name, ours, against what, its time, ratio of medians, median of ratios, goal."""
        goal = "" if self.goal is None else f"≤ {self.goal:g}{'' if self.theirs else ' s'}"
        met = "" if self.goal is None else " ✓" if self.figure <= self.goal else " ✗"
        ratios = ["" if value is None else f"{value:.2f}" for value in (self.ratio, self.paired_ratio)]
        return (self.name, span(self.ours), self.against, span(self.theirs), *ratios, goal + met)


def span(seconds: tuple[float, ...]) -> str:
    if not seconds:
        return ""
    return f"{median(seconds):.3f} s ({min(seconds):.3f} to {max(seconds):.3f})"


def timed(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def paired(
    ours: Callable[[], float], theirs: Callable[[], float], rounds: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Seconds of each side. A first round warms caches and is thrown away; who begins alternates."""
    both: list[tuple[float, float]] = []
    for number in range(rounds + 1):
        if number % 2:
            first, second = ours(), theirs()
        else:
            second, first = theirs(), ours()
        both.append((first, second))
    left, right = zip(*both[1:], strict=True)
    return left, right
