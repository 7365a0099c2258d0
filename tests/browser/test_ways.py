"""What the panel offers when an install fails, and what it says of installs while a restart is pending."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import Serve
from .jupyter import until
from .notebook_page import App, NotebookPage, open_notebook
from .strangers import write
from .test_truth import all_say

pytestmark = pytest.mark.browser
NAME = "a.ipynb"
BOTH = pytest.mark.parametrize("app", ["jupyterlab", "notebook"])


def alert(notebook: NotebookPage) -> Locator:
    return notebook.panel.get_by_role("alert")


def offered(notebook: NotebookPage, typed: str, cause: str, *ways: str) -> None:
    """Nothing else is: neither a command to copy, nor a change that was not asked for."""
    notebook.install(typed)
    expect(alert(notebook)).to_contain_text(cause)
    expect(alert(notebook).get_by_role("button")).to_have_text([*ways, re.compile(r"^\W$")])  # and the cross
    expect(alert(notebook)).not_to_contain_text("--")


@BOTH
def test_each_way_out_of_a_failed_install_is_a_button_that_works(page: Page, serve: Serve, app: App):
    with serve(app, "one") as server:
        write(server.root / NAME, None)
        notebook = open_notebook(page, server, app, NAME)
        field = notebook.open_panel().get_by_label("Packages to install")

        offered(notebook, "demo==3.0", "demo has no version 3.0; the newest is 2.0.", "Take demo 2.0")
        expect(notebook.asked_for()).to_have_count(0)
        expect(field).to_have_value("demo==3.0")
        alert(notebook).get_by_role("button", name="Take demo 2.0").click()
        expect(notebook.asked_for()).to_have_text([re.compile("demo ==2.0.*2.0")])
        expect(alert(notebook)).to_be_empty()
        expect(field).to_have_value("")
        notebook.shows("import demo; demo.__version__", "'2.0'")

        conflict = "needs-old needs demo-dep<1.1, and you ask for demo-dep>=1.1."
        ways = ("Take demo-dep 1.0", "Install the rest, without needs-old")
        offered(notebook, "demo-dep>=1.1 needs-old", conflict, *ways)
        notebook.page.reload()
        notebook.ready().open_panel()
        expect(alert(notebook)).to_be_empty()
        offered(notebook, "demo-dep>=1.1 needs-old", conflict, *ways)
        alert(notebook).get_by_role("button", name="Install the rest, without needs-old").click()
        expect(notebook.asked_for()).to_have_count(2)
        expect(notebook.asked_for().filter(has_text="demo-dep")).to_contain_text("1.1")

        # what would build from source asks first, and a no changes nothing
        notebook.install("lagging==2.0")
        expect(notebook.dialog()).to_contain_text("lagging has no wheel that fits")
        expect(notebook.dialog()).not_to_contain_text("--allow-build")
        notebook.dialog().get_by_role("button", name="Not now").click()
        expect(notebook.panel).to_contain_text("Nothing has changed.")
        expect(notebook.asked_for()).to_have_count(2)
        notebook.save()
        until(lambda: len((server.block(NAME) or {}).get("dependencies", [])) == 2)


def test_with_a_restart_pending_each_install_says_what_waits_for_what(page: Page, serve: Serve):
    with serve("jupyterlab", "one") as server:
        write(server.root / NAME, None)
        notebook = open_notebook(page, server, "jupyterlab", NAME)
        notebook.open_panel()
        notebook.install("demo")
        expect(notebook.asked_for()).to_have_count(1)
        notebook.shows("import demo_dep; demo_dep.__version__", "'1.1'")
        notebook.install("needs-old")
        why = "(demo-dep 1.1 is loaded and changes to 1.0)"
        all_say(notebook, f"Restart to use needs-old 1.0 {why}.", "restart needed", f"needs-old 1.0 {why}")

        # the kernel keeps all of what it has, or moves to all of what is new
        notebook.install("shout")
        both = f"estart to use needs-old 1.0, shout 1.0 {why}"
        all_say(notebook, both, "restart needed", both)
        expect(notebook.asked_for()).to_have_text(
            [
                re.compile(r"demo *2.0\W"),
                *(re.compile(f"{name} *1.0 after a restart") for name in ("needs-old", "shout")),
            ]
        )
        notebook.shows(
            "%env-status", re.compile("demo  2.0\\s+needs-old  1.0 after a restart\\s+shout  1.0 after a restart")
        )
        notebook.shows("import demo; demo.__version__", "'2.0'")
        notebook.shows("import shout", "restart to use")

        # from a cell it is the same
        three = f"estart to use withdrawn 1.0, needs-old 1.0, shout 1.0 {why}"
        notebook.shows("%env-install withdrawn", three)
        all_say(notebook, three, "restart needed", three)
        expect(notebook.asked_for()).to_have_count(4)

        notebook.panel.get_by_role("button", name="Restart kernel…").click()
        notebook.dialog().get_by_role("button", name="Confirm Kernel Restart").click()
        notebook.ready()
        all_say(notebook, "Ready.", "4 packages", "")
        notebook.shows("import demo_dep, shout; demo_dep.__version__", "'1.0'")
