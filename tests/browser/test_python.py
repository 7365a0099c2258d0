"""A notebook whose Python is changed in a terminal while it is open and its kernel runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jupyter_envs.machine import interpreters
from jupyter_envs.settings import Settings

from .jupyter import serving, until
from .notebook_page import SECOND, NotebookPage, open_notebook
from .strangers import write
from .test_truth import all_say, reload_from_disk, terminal

pytestmark = [pytest.mark.browser, pytest.mark.network]
NAME = "a.ipynb"


def restart(notebook: NotebookPage) -> None:
    notebook.panel.get_by_role("button", name="Restart kernel…").click()
    notebook.dialog().get_by_role("button", name="Confirm Kernel Restart").click()
    expect(notebook.panel.get_by_label("State")).to_contain_text("Ready.", timeout=60 * SECOND)
    notebook.ready()


def test_a_python_chosen_in_a_terminal_comes_with_a_restart(page: Page, home: Path, tmp_path: Path):
    mine = interpreters.choose(None, Settings.load())
    others = [python for python in interpreters.discover(Settings.load()) if python.minor != mine.minor]
    if not others:
        pytest.skip("there is no other Python here")
    for place in ("envs/cache", "envs"):
        (tmp_path / "one" / place).mkdir(parents=True, exist_ok=True, mode=0o700)
    known = tmp_path / "one" / "envs" / "cache" / "interpreters.json"
    known.write_bytes((home / "cache" / "interpreters.json").read_bytes())
    with serving("jupyterlab", tmp_path / "one", os.environ) as server:
        write(server.root / NAME, None)
        notebook = open_notebook(page, server, "jupyterlab", NAME)
        notebook.open_panel()
        notebook.shows("import sys; sys.version.split()[0]", mine.version)
        notebook.save()
        until(lambda: mine.version in (server.root / NAME).read_text())

        # a notebook that asked for nothing, with another Python from the beginning; and back, with its packages
        steps = (
            (others[0], ["install", "--python", others[0].minor, str(server.root / NAME), "iniconfig"]),
            (mine, ["python", str(server.root / NAME), mine.minor]),
        )
        for python, words in steps:
            terminal(server, *words)
            reload_from_disk(notebook)
            expect(notebook.asked_for()).to_have_count(1)
            sentence = f"estart to use Python {python.version}"
            all_say(notebook, f"{sentence}.", "restart needed", sentence)
            restart(notebook)
            all_say(notebook, "Ready.", f"Python {python.minor} · 1 package", "")
            expect(notebook.panel).to_contain_text(f"Python {python.version}")
            notebook.shows("import sys, iniconfig; sys.version.split()[0]", python.version)
            notebook.save()
            until(lambda: not page.locator(".lm-TabBar-tab.jp-mod-dirty").count())
