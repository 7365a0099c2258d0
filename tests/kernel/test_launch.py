"""Deciding what to start, without starting it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from jupyter_envs.launch.decision import decide
from jupyter_envs.notebook.settled import SETTLING
from jupyter_envs.settings import Settings

from .real import write_notebook


def test_a_notebook_that_is_just_being_saved_is_read_when_it_is_whole(settings: Settings, tmp_path: Path) -> None:
    whole = write_notebook(tmp_path / "whole.ipynb").read_text()
    notebook = tmp_path / "a.ipynb"
    notebook.write_text("")
    saving = threading.Timer(0.3, notebook.write_text, [whole])
    saving.start()
    launch = decide("k", notebook, settings)
    saving.join()
    assert launch.status["state"] != "invalid", launch.status


def test_a_notebook_that_stays_empty_is_said_to_be_none(settings: Settings, tmp_path: Path) -> None:
    notebook = tmp_path / "a.ipynb"
    notebook.write_text("")
    assert decide("k", notebook, settings).status["state"] == "invalid"
    os.utime(notebook, (time.time() - 60,) * 2)
    started = time.monotonic()
    assert decide("k", notebook, settings).status["state"] == "invalid"
    assert time.monotonic() - started < SETTLING, "an old file is not waited for"
