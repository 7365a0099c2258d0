"""Measurement in rounds: all sides take turns in one run, so that a busy machine slows all of them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

Figures = tuple[float, ...]


@dataclass(frozen=True)
class Side:
    """One of those that are compared. `measure` returns one figure or several; `at_most` rounds of it are enough."""

    measure: Callable[[], Figures]
    at_most: int | None = None


@dataclass(frozen=True)
class Result:
    """The figures of each round, in `unit`. `goal` is what must be kept, and `aim` what would be better still: for the
    ratio where there is something to compare with, else for the figure itself."""

    name: str
    ours: Figures
    theirs: Figures = ()
    against: str = ""
    goal: float | None = None
    aim: float | None = None
    unit: str = "s"

    @property
    def ratio(self) -> float | None:
        """Median of the ratios of each round: insensitive to slow spells of the machine."""
        return median(a / b for a, b in zip(self.ours, self.theirs, strict=False)) if self.theirs else None

    @property
    def figure(self) -> float:
        return median(self.ours) if self.ratio is None else self.ratio

    @property
    def holds(self) -> bool:
        return self.goal is None or self.figure <= self.goal

    def row(self) -> tuple[str, ...]:
        """Name, ours, against what, its figure, ratio, what must be and whether it is, aim."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        must = "" if self.goal is None else f"{self._limit(self.goal)} {'✓' if self.holds else '✗'}"
        aim = "" if self.aim is None else self._limit(self.aim)
        return (self.name, self._span(self.ours), self.against, self._span(self.theirs), ratio, must, aim)

    def _limit(self, value: float) -> str:
        return f"≤ {value:g}{'' if self.theirs else ' ' + self.unit}"

    def _span(self, figures: Figures) -> str:
        if not figures:
            return ""
        digits = 1 if self.unit == "ms" else 3
        low, middle, high = (f"{value:.{digits}f}" for value in (min(figures), median(figures), max(figures)))
        return f"{middle} {self.unit}" + (f" ({low} to {high})" if len(figures) > 1 else " (once)")


@dataclass(frozen=True)
class Missing:
    """A rival that cannot be had here."""

    name: str
    against: str
    why: str

    def row(self) -> tuple[str, ...]:
        return (self.name, "", self.against, self.why, "", "", "")


def timed(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def together(sides: Mapping[str, Side], rounds: int) -> dict[str, list[Figures]]:
    """Per side, what each figure was in every round. A first round warms caches and is thrown away, but for sides that
    are measured less often than others; who begins changes from round to round."""
    found: dict[str, list[Figures]] = {name: [] for name in sides}
    names = [*sides]
    for number in range(rounds + 1):
        turn = number % len(names)
        for name in (*names[turn:], *names[:turn]):
            side = sides[name]
            if side.at_most is None or (number and len(found[name]) < side.at_most):
                figures = side.measure()
                seconds = ", ".join(f"{figure:.2f} s" for figure in figures)
                print(f"round {number} of {rounds}: {name}: {seconds}", file=sys.stderr, flush=True)
                if number:
                    found[name].append(figures)
    return {name: list(zip(*figures, strict=True)) for name, figures in found.items()}


def paired(ours: Callable[[], float], theirs: Callable[[], float], rounds: int) -> tuple[Figures, Figures]:
    """Figures of each side."""
    found = together({"ours": Side(lambda: (ours(),)), "theirs": Side(lambda: (theirs(),))}, rounds)
    return found["ours"][0], found["theirs"][0]
