"""Sizes, times and lists in words; the panel says the same, and its tests read the same examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.kernel.amounts import count, named, size, time_left
from jupyter_envs.kernel.pace import Pace

EXAMPLES: dict[str, list[Any]] = json.loads((Path(__file__).parents[1] / "wire" / "words.json").read_text())


def test_sizes() -> None:
    assert [[number, size(number)] for number, _ in EXAMPLES["sizes"]] == EXAMPLES["sizes"]


def test_times_left() -> None:
    assert [[seconds, time_left(seconds)] for seconds, _ in EXAMPLES["times left"]] == EXAMPLES["times left"]


def test_counts() -> None:
    assert [[number, noun, count(number, noun)] for number, noun, _ in EXAMPLES["counts"]] == EXAMPLES["counts"]


def test_names() -> None:
    assert [[names, limit, named(names, limit)] for names, limit, _ in EXAMPLES["names"]] == EXAMPLES["names"]


@pytest.mark.parametrize("steps", EXAMPLES["paces"])
def test_paces(steps: list[dict[str, Any]]) -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    for step in steps:
        here, total = step["fetched"]
        now[0] = step["at"]
        words = [f"{size(here)} of {size(total)}", step["left"]] if total else []
        assert pace.words(step["phase"], here, total) == ", ".join(filter(None, words))
