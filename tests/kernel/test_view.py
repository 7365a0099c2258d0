"""The running kernel moves to the next environment only if nothing that it has loaded would change."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("view_script.py")


def view(folder: Path, scenario: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-I", SCRIPT, folder, scenario], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_everything_names_the_new_environment(tmp_path: Path) -> None:
    seen = view(tmp_path, "install")
    assert seen["moved"] and seen["restart"] is None
    assert (seen["prefix"], seen["executable"], seen["VIRTUAL_ENV"]) == ("new", "new", "new")
    assert seen["bin"] == ["new"]
    assert seen["spawn"]
    assert seen["two"]


def test_folders_keep_their_place_and_those_of_pth_files_move_along(tmp_path: Path) -> None:
    assert view(tmp_path, "install")["path"] == ["new", "folder"]


def test_code_of_a_pth_file_runs_once_and_only_if_it_is_new(tmp_path: Path) -> None:
    assert view(tmp_path, "install")["ran"] == "ac"


def test_a_distribution_that_nobody_has_loaded_may_vanish(tmp_path: Path) -> None:
    """`three` is gone from the new environment."""
    assert view(tmp_path, "install")["moved"]


def test_a_loaded_one_that_changes_keeps_the_view_whole(tmp_path: Path) -> None:
    seen = view(tmp_path, "loaded-changes")
    assert not seen["moved"]
    assert seen["restart"] == "restart to use two 1.0 (one 1.0 is loaded and changes to 2.0)"
    assert (seen["prefix"], seen["path"], seen["one"], seen["lazy"]) == (
        "old",
        ["old", "folder"],
        "1.0",
        "1.0",
    )
    assert not seen["two"]


def test_a_later_change_that_fits_moves_it_after_all(tmp_path: Path) -> None:
    seen = view(tmp_path, "loaded-changes")
    assert seen["back"] is None
    assert seen["back-two"] == "2.0"


def test_what_was_loaded_before_earlier_moves_is_still_in_use(tmp_path: Path) -> None:
    """`one` was imported before the first move, `two` after the second."""
    seen = view(tmp_path, "install")
    assert seen["second"] is None
    assert seen["late"] == "restart to use one 2.0"
    assert seen["late-too"] == "restart to use two 2.0"
    assert seen["fits"] is None


@pytest.mark.parametrize(
    ("scenario", "sentence"),
    [
        ("loaded-vanishes", "restart to use two 1.0 (one 1.0 is loaded and is removed)"),
        ("python", "restart to use Python 3.12.1"),
    ],
)
def test_what_else_needs_a_restart(tmp_path: Path, scenario: str, sentence: str) -> None:
    seen = view(tmp_path, scenario)
    assert not seen["moved"] and seen["restart"] == sentence
