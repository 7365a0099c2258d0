"""What the side panel does, also when things do not go well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, expect

from tests.local_index import LocalIndex

from .conftest import Serve
from .jupyter import Server, until
from .notebook_page import NotebookPage, open_notebook

pytestmark = pytest.mark.browser
NAME = "a.ipynb"


@pytest.fixture
def server(serve: Serve) -> Iterator[Server]:
    with serve("jupyterlab", "one") as server:
        write(server.root / NAME)
        yield server


@pytest.fixture
def notebook(page: Page, server: Server) -> NotebookPage:
    notebook = open_notebook(page, server, "jupyterlab", NAME)
    notebook.open_panel()
    return notebook


def write(path: Path, kernel: str = "jupyter-envs", language: str = "python", code: str = "") -> None:
    spec = {"name": kernel, "display_name": kernel, "language": language}
    cell = nbformat.v4.new_code_cell(code)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": spec}), path)


def test_an_install_that_fails_leaves_everything_as_it_was(notebook: NotebookPage):
    notebook.install("demo no-such-package")
    expect(notebook.panel.get_by_role("alert")).to_contain_text("no-such-package")
    expect(notebook.panel.get_by_label("Packages to install")).to_have_value("demo no-such-package")
    expect(notebook.asked_for()).to_have_count(0)
    notebook.install("demo>=1 six")
    expect(notebook.panel.get_by_role("alert")).to_contain_text("six")
    notebook.install("demo >= 1")
    expect(notebook.asked_for()).to_have_text([re.compile("demo.*2.0")])
    expect(notebook.panel.get_by_role("alert")).to_be_empty()
    notebook.shows("import demo; demo.__version__", "'2.0'")
    notebook.panel.get_by_role("button", name="Remove demo").click()
    expect(notebook.asked_for()).to_have_count(0)


def test_code_of_a_package_runs_at_a_build_only_after_a_yes(notebook: NotebookPage):
    notebook.install("only-source")
    expect(notebook.dialog()).to_contain_text("only-source")
    notebook.dialog().get_by_role("button", name="Not now").click()
    expect(notebook.dialog()).to_have_count(0)
    expect(notebook.asked_for()).to_have_count(0)
    notebook.panel.get_by_role("button", name="Install").click()
    notebook.dialog().get_by_role("button", name="Run its code and build").click()
    expect(notebook.asked_for()).to_have_text([re.compile("only-source.*1.0")])
    notebook.shows("import only_source; only_source.__version__", "'1.0'")


def test_a_slow_install_can_be_stopped(notebook: NotebookPage, index: LocalIndex):
    index.faults["demo"] = "hang"
    notebook.install("demo")
    expect(notebook.chip).to_contain_text("installing")
    notebook.panel.get_by_role("button", name="Cancel").click()
    expect(notebook.panel).to_contain_text("Stopped. Nothing has changed.")
    notebook.shows("1+1", "2")


def test_a_busy_kernel_does_not_hold_up_the_panel(notebook: NotebookPage, server: Server):
    notebook.start("import time; time.sleep(15)")
    notebook.install("demo")
    expect(notebook.asked_for()).to_have_text([re.compile("demo.*2.0")], timeout=12_000)
    busy = server.api("GET", "api/sessions")[0]["kernel"]["execution_state"]
    assert busy == "busy"
    notebook.shows("import demo; demo.__version__", "'2.0'")


def test_what_is_loaded_stays_until_a_restart(notebook: NotebookPage):
    notebook.install("demo")
    expect(notebook.asked_for()).to_have_count(1)
    notebook.shows("import demo_dep; demo_dep.__version__", "'1.1'")
    notebook.install("needs-old")
    notebook.panel.get_by_role("button", name="Restart kernel…").click()
    notebook.dialog().get_by_role("button", name="Confirm Kernel Restart").click()
    expect(notebook.panel).to_contain_text("Ready.")
    notebook.ready()
    notebook.shows("import demo_dep; demo_dep.__version__", "'1.0'")


def test_two_tabs_of_one_notebook_agree(notebook: NotebookPage, server: Server):
    other = open_notebook(notebook.page.context.new_page(), server, "jupyterlab", f"{NAME}?reset")
    other.open_panel()
    notebook.page.bring_to_front()
    notebook.shows("%env-install demo", "demo 2.0")
    for one in (notebook, other):
        expect(one.asked_for()).to_have_text([re.compile("demo.*2.0")])


def test_run_all_before_the_build_loses_no_output(page: Page, serve: Serve):
    with serve("jupyterlab", "one") as first:
        write(first.root / NAME)
        notebook = open_notebook(page, first, "jupyterlab", NAME)
        notebook.shows("%env-install demo", "demo 2.0")
        notebook.shows("import demo; 6 * 7", "42")
        notebook.save()
        until(lambda: "42" in (first.root / NAME).read_text())
    with serve("jupyterlab", "two") as second:
        (second.root / NAME).write_bytes((first.root / NAME).read_bytes())
        notebook = open_notebook(page, second, "jupyterlab", NAME)
        notebook.open_panel()
        expect(notebook.panel).to_contain_text("Not built on this machine yet.")
        notebook.menu("Run", "Run All Cells")
        expect(page.locator(".Toastify")).to_contain_text("Cells with outputs did not run")
        expect(notebook.cells.nth(1).locator(".jp-OutputArea").first).to_contain_text("42")


def test_a_notebook_on_another_python_gets_its_own_environment(page: Page, server: Server):
    write(server.root / "other.ipynb", "python3")
    notebook = open_notebook(page, server, "jupyterlab", "other.ipynb")
    notebook.open_panel()
    expect(notebook.panel.get_by_label("Packages to install")).to_have_count(0)
    notebook.panel.get_by_role("button", name="Give this notebook its own environment").click()
    expect(notebook.panel.get_by_label("Packages to install")).to_be_visible()
    notebook.ready()
    notebook.install("demo")
    expect(notebook.asked_for()).to_have_text([re.compile("demo.*2.0")])
    notebook.shows("import demo; demo.__version__", "'2.0'")


def test_a_notebook_in_another_language_is_left_alone(page: Page, server: Server):
    write(server.root / "julia.ipynb", "no-such-kernel", "julia")
    page.goto(server.page("lab/tree/julia.ipynb"))
    expect(page.locator(".jp-Dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".jp-NotebookPanel:visible .jp-Envs-chip")).to_have_count(0)
    page.get_by_role("tab", name="Notebook environment").click()
    panel = page.get_by_role("region", name="Notebook environment")
    expect(panel).to_contain_text("not in Python")
    expect(panel.get_by_role("button")).to_have_text(["Environments on this machine…"])
