"""One table has every code; what is raised has a sentence and an action."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.errors import Cancelled, EnvsError, InputError
from jupyter_envs.errors.table import ACTIONS, TABLE

SCRIPT = Path(__file__).parent.parent / "docs" / "error_reference.py"
ROWS = {code: row for rows in TABLE.values() for code, row in rows.items()}


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


def test_every_code_that_is_raised_anywhere_is_in_the_table(script: dict[str, Any]) -> None:
    raised = script["raised"]()
    assert len({code for code, _, _ in raised}) > 140, "the search finds what is raised"
    missing = sorted(f"{code} ({place})" for code, _, place in raised if code not in ROWS)
    assert missing == []


def test_no_code_of_the_table_is_raised_nowhere(script: dict[str, Any]) -> None:
    known = {code for code, _, _ in script["raised"]()} | set(script["refusals"].CODES.values())
    assert sorted(ROWS.keys() - known) == []


def test_a_code_stands_once_in_the_table() -> None:
    assert sum(map(len, TABLE.values())) == len(ROWS)


@pytest.mark.parametrize("code", ROWS)
def test_every_code_has_a_sentence_and_an_action(code: str) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]*", code)
    for text in ROWS[code]:
        assert re.search(r"[.]\Z", text) and len(text) < 160 and "\n" not in text


def test_an_error_without_a_hint_gets_the_one_of_its_code() -> None:
    assert InputError("req-long", "x").hint == ACTIONS["req-long"]
    assert InputError("req-long", "x", hint="y").hint == "y"
    assert Cancelled().hint == "", "who stopped it knows what to do"


def test_an_error_survives_the_way_from_one_process_to_another() -> None:
    error = EnvsError.from_dict(InputError("req-long", "a", hint="b", details="c", data={"d": 1}).to_dict())
    assert (error.code, error.sentence, error.hint, error.details, error.data) == ("req-long", "a", "b", "c", {"d": 1})


def test_the_page_is_up_to_date() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
