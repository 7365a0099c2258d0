"""Opening a notebook that somebody else made: nothing runs before the user says so, and everything is said clearly."""

from __future__ import annotations

import json
import platform
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.local_index import LocalIndex
from tests.wheels import wheel

from .conftest import Serve
from .jupyter import Server, until
from .notebook_page import SECOND, App
from .strangers import (
    LANGUAGE,
    NAME,
    Made,
    arrived,
    banner,
    has_demo,
    jobs,
    no_other_kernel,
    press,
    unchanged,
    write,
)

pytestmark = pytest.mark.browser
BOTH = pytest.mark.parametrize("app", ["jupyterlab", "notebook"])


@BOTH
def test_it_is_shown_built_after_a_yes_and_then_runs(page: Page, serve: Serve, made: Made, index: LocalIndex, app: App):
    with serve(app, "reader") as server:
        block = made("demo")
        before = write(server.root / NAME, block, ("import demo", "saved output"), ("", ""))
        index.hits.clear()
        notebook = arrived(page, server, app)
        expect(banner(notebook)).to_contain_text(
            re.compile(r"Python 3\.\d+, 1 package \(\d+ with what they need\), .* to fetch")
        )
        expect(banner(notebook)).to_contain_text("2 are new on this machine: demo, demo-dep.")
        unchanged(notebook, before)
        assert (jobs(server), index.hits) == ([], [])
        press(notebook, "Build")
        has_demo(notebook)
        no_other_kernel(server)
        assert server.block(NAME) == block


@BOTH
def test_it_runs_without_it_and_says_what_is_missing(
    page: Page, serve: Serve, made: Made, app: App, monkeypatch: pytest.MonkeyPatch
):
    # JupyterLab writes into the document what a kernel says of its language: of another Python, that would be a change.
    monkeypatch.setitem(LANGUAGE, "version", platform.python_version())
    with serve(app, "reader") as server:
        before = write(server.root / NAME, made("demo"), ("", ""))
        notebook = arrived(page, server, app)
        press(notebook, "Run without it")
        expect(notebook.chip).to_contain_text("without its packages")
        expect(banner(notebook)).to_have_count(0)
        unchanged(notebook, before)
        notebook.ready()
        unchanged(notebook, before)
        notebook.shows("6 * 7", "42")
        notebook.shows("import demo", "demo is not in the base environment, in which this notebook runs for now.")
        notebook.open_panel()
        expect(notebook.panel).to_contain_text("without demo and what they need")
        notebook.panel.get_by_role("button", name="Build…").click()
        notebook.dialog().get_by_role("button", name="Build", exact=True).click()
        expect(notebook.panel).to_contain_text("Ready.", timeout=60 * SECOND)
        notebook.shows("import demo; demo.__version__", "'2.0'")


def test_looking_closer_asks_the_index_and_shows_foreign_text_as_text(
    page: Page, reader: Server, made: Made, index: LocalIndex
):
    block = made("demo", "only-source", allow_build=("only-source",))
    evil = '<img src=x onerror="window.owned = true"><b>bold</b>\x1b[31m\u202e'
    index.listed["demo-dep"][-1].yanked = evil
    index.pages["/pypi/demo/2.0/json"] = json.dumps({"vulnerabilities": [{"id": "PYSEC-2026-1", "summary": evil}]})
    write(reader.root / NAME, block)
    index.hits.clear()
    notebook = arrived(page, reader)
    press(notebook, "Build…")
    dialog = notebook.dialog()
    expect(dialog).to_contain_text("only-source is built from source: its code runs while it is built.")
    expect(dialog).to_contain_text("You have not approved 3 of them before")
    assert index.hits == []
    dialog.get_by_role("button", name="Look closer").click()
    expect(dialog.get_by_role("row").filter(has_text="demo-dep")).to_contain_text("yanked: <img src=x onerror=")
    expect(dialog.get_by_role("row").filter(has_text=re.compile("^demo2"))).to_contain_text("PYSEC-2026-1")
    expect(dialog).to_contain_text("The index was asked about all of them.")
    assert page.evaluate("window.owned") is None
    assert dialog.locator("img, b").count() == 0
    assert index.asked_for("demo")
    dialog.get_by_role("button", name="Not now").click()
    assert jobs(reader) == []


def test_code_at_the_start_of_python_is_asked_about_before_it_is_there(
    page: Page, reader: Server, made: Made, index: LocalIndex, tmp_path: Path
):
    marker = tmp_path / "ran"
    index.add(
        wheel(
            "starter",
            "1.0",
            files={"starter.py": "", "starter.pth": f"import pathlib; pathlib.Path({str(marker)!r}).touch()\n"},
        )
    )
    write(reader.root / NAME, made("starter"))
    notebook = arrived(page, reader)
    press(notebook, "Build")
    expect(notebook.dialog()).to_contain_text("starter.pth", timeout=60 * SECOND)
    notebook.dialog().get_by_role("button", name="Not now").click()
    expect(banner(notebook)).to_contain_text("Nothing has changed.")
    assert reader.environments() == 1
    press(notebook, "Build")
    notebook.dialog().get_by_role("button", name="Allow and build").click()
    expect(banner(notebook)).to_have_count(0, timeout=60 * SECOND)
    notebook.ready()
    notebook.shows("import starter; 6 * 7", "42")
    assert marker.exists()


def test_what_changed_while_it_was_looked_at_is_shown_again(page: Page, reader: Server, made: Made):
    write(reader.root / NAME, made("demo"))
    notebook = arrived(page, reader)
    press(notebook, "Look closer")
    expect(notebook.dialog()).to_contain_text("demo")
    other = made("shout")
    page.evaluate(
        "block => { const w = window.jupyterapp.shell.currentWidget; w.context.model.sharedModel.setMetadata('jupyter_envs', block); }",
        other,
    )
    notebook.dialog().get_by_role("button", name="Build", exact=True).click()
    expect(banner(notebook)).to_contain_text("The environment is not the one that was shown.")
    assert jobs(reader) == []
    press(notebook, "Try again")
    expect(notebook.dialog()).to_contain_text("shout")
    expect(notebook.dialog()).not_to_contain_text("demo")


def test_a_build_can_be_stopped_at_once_and_leaves_nothing(page: Page, reader: Server, made: Made, index: LocalIndex):
    write(reader.root / NAME, made("demo"))
    index.faults["/files/demo"] = "hang"
    notebook = arrived(page, reader)
    before = {path for path in (reader.home / "store").rglob("*") if "s" not in path.parts[-2:]}
    press(notebook, "Build")
    expect(banner(notebook)).to_contain_text("Fetching")
    until(lambda: any("/files/demo" in hit for hit in index.hits))
    press(notebook, "Cancel")
    expect(banner(notebook).get_by_role("button", name="Run without it")).to_be_visible()
    (journal,) = (reader.home / "jobs").glob("*/journal.jsonl")
    last = json.loads(journal.read_text().splitlines()[-1])
    assert "cancelled" in last.values(), f"the index has not answered yet: {last}"
    left = {path for path in (reader.home / "store").rglob("*") if path.is_file()} - before
    assert not [path for path in left if path.suffix in (".py", ".json")], left
    index.faults.clear()
    press(notebook, "Build")
    has_demo(notebook)


def test_a_failure_is_a_sentence_with_a_next_step(page: Page, reader: Server, made: Made, index: LocalIndex):
    write(reader.root / NAME, made("demo"))
    index.faults["/files/demo-2"] = "corrupt"
    notebook = arrived(page, reader)
    press(notebook, "Build")
    expect(banner(notebook).get_by_role("button", name="Try again")).to_be_visible(timeout=60 * SECOND)
    expect(banner(notebook)).to_contain_text(re.compile("damaged|sha256"))
    assert reader.environments() == 1
    index.faults.clear()
    press(notebook, "Try again")
    has_demo(notebook)
