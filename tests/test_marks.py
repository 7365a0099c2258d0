"""What can be said about a stranger's packages without asking anybody."""

from __future__ import annotations

import time
from datetime import datetime, timezone

import pytest
from msgspec.structs import replace

from jupyter_envs.consent.facts import facts, lookalike, popular

from .fakes import closure, row

NOW = datetime(2026, 11, 21, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("reqests", "requests"), ("requestss", "requests"), ("numpi", "numpy"), ("pnadas", "pandas"),
        ("scikitlearn", "scikit-learn"), ("matplotlip", "matplotlib"), ("python-dateutils", "python-dateutil"),
        ("requests", None), ("pandas", None), ("my-own-package", None), ("sax", None), ("reqestss", None),
    ],
)  # fmt: skip
def test_a_name_one_letter_away_from_a_popular_one_is_named(name: str, like: str | None) -> None:
    assert lookalike(name) == like


def test_two_thousand_names_are_judged_while_nobody_waits() -> None:
    lookalike("warm")
    started = time.process_time()
    for number in range(2000):
        lookalike(f"package-number-{number}")
    assert time.process_time() - started < 0.5
    assert len(popular()) > 900


def test_new_ones_come_first_and_what_was_asked_for_before_what_it_needs() -> None:
    value = facts(
        closure(row("attrs"), row("demo"), row("six"), row("zlib-ng")),
        "sha256:x",
        new={"demo", "attrs"},
        declared={"demo", "six"},
    )
    assert [item["name"] for item in value["packages"]] == ["demo", "attrs", "six", "zlib-ng"]
    assert value["new"] == ["demo", "attrs"]


def test_marks_are_for_what_is_unusual() -> None:
    young = replace(row("demo"), uploaded="2026-11-15T00:00:00Z")
    old = replace(row("six"), uploaded="2026-11-13T00:00:00Z")
    source = replace(row("only-source"), kind="sdist", index="corp", uploaded="no date")
    value = facts(closure(young, old, source, row("nunpy")), "sha256:x", new={"nunpy"}, now=NOW)
    assert {item["name"]: item["marks"] for item in value["packages"]} == {
        "demo": ["young"], "six": [], "only-source": ["source"], "nunpy": ["lookalike"],
    }  # fmt: skip
    assert value["indexes"] == ["", "corp"]
    assert next(item["like"] for item in value["packages"] if item["name"] == "nunpy") == "numpy"


def test_what_is_here_already_is_not_suspected_for_its_name() -> None:
    assert facts(closure(row("nunpy")), "sha256:x", new=set())["packages"][0]["like"] is None
