"""One table has every code; what is raised has a sentence and an action."""

from __future__ import annotations

import ast
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.environments.pythons import TYPED
from jupyter_envs.errors import Cancelled, EnvsError, InputError
from jupyter_envs.errors.table import ACTIONS, TABLE
from jupyter_envs.kernel import asking

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


def test_what_a_terminal_shows_names_no_magic() -> None:
    """A cell shows the same hint with the magic: `kernel/asking.py`."""
    root = Path(asking.__file__).parent.parent
    rooms = [path for path in root.iterdir() if path.is_dir() and path.name not in ("kernel", "launch", "server")]
    files = [file for room in rooms for file in room.rglob("*.py")]
    assert len(files) > 150
    found = [
        f"{file.relative_to(root)}:{node.lineno}"
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"%env-\w", node.value)
        and not node.value.startswith(("requirements.txt, as pip",))
    ]  # fmt: skip
    assert found == []


WORDS = Path(__file__).parent / "wire" / "words.json"
HINTS: list[list[str]] = json.loads(WORDS.read_text(encoding="utf-8"))["hints"]
"""The panel's tests read the same ones."""


@pytest.mark.parametrize(("hint", "cell"), [*HINTS, [TYPED.format("undo NOTEBOOK")] * 2])
def test_a_cell_names_the_magic_where_there_is_one(hint: str, cell: str) -> None:
    assert asking.in_a_cell(hint) == cell


@pytest.mark.parametrize(
    ("hint", "terminal"),
    [
        ("%env-undo undoes it.", "jupyter envs undo NOTEBOOK undoes it."),
        ("Use %env-install -U.", "Use jupyter envs install NOTEBOOK -U."),
        (
            "%env-export prints it with hashes.",
            "jupyter envs export NOTEBOOK --format requirements.txt prints it with hashes.",
        ),
    ],
)
def test_a_terminal_names_its_command_for_pips_options(hint: str, terminal: str) -> None:
    assert asking.in_a_terminal(hint) == terminal
