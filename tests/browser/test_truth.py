"""The page says what the running kernel has, whoever changed what: panel, chip, status bar and `%env-status` agree."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.local_index import LocalIndex

from .conftest import Serve
from .jupyter import CLI, Server, until
from .notebook_page import SECOND, App, NotebookPage, open_notebook
from .strangers import write

pytestmark = pytest.mark.browser
NAME = "a.ipynb"
BOTH = pytest.mark.parametrize("app", ["jupyterlab", "notebook"])
SESSION = "window.jupyterapp.shell.currentWidget.sessionContext"


def command(notebook: NotebookPage, name: str) -> None:
    notebook.page.evaluate("name => { void window.jupyterapp.commands.execute(name); }", name)


def reload_from_disk(notebook: NotebookPage) -> None:
    command(notebook, "docmanager:reload")
    confirm(notebook)


def confirm(notebook: NotebookPage) -> None:
    """If it asks: it does where something is not saved."""
    notebook.page.wait_for_timeout(500)
    if notebook.dialog().count():
        notebook.dialog().locator(".jp-mod-accept").click()
    expect(notebook.dialog()).to_have_count(0)


def terminal(server: Server, *words: str) -> None:
    subprocess.run([sys.executable, CLI, *words], env=dict(server.environ), check=True, stdout=subprocess.DEVNULL)


def all_say(notebook: NotebookPage, sentence: str, short: str, cell: str) -> None:
    """`cell`: what `%env-status` says besides the packages; empty: nothing."""
    expect(notebook.panel.get_by_label("State")).to_contain_text(sentence)
    for chip in notebook.page.locator(".jp-Envs-chip:visible").all():
        expect(chip).to_contain_text(short)
    told = notebook.run("%env-status").locator(".jp-OutputArea").first
    if cell:
        expect(told).to_contain_text(cell)
    else:
        expect(told).not_to_contain_text("restart")


def stop_kernel(notebook: NotebookPage) -> None:
    notebook.page.evaluate(f"{SESSION}.shutdown()")
    until(lambda: not notebook.server.api("GET", "api/kernels"))


def start_kernel(notebook: NotebookPage) -> None:
    notebook.page.evaluate(f"{SESSION}.changeKernel({{name: 'jupyter-envs'}})")
    notebook.ready()


@BOTH
def test_it_follows_the_kernel(page: Page, serve: Serve, app: App):
    with serve(app, "one") as server:
        write(server.root / NAME, None)
        notebook = open_notebook(page, server, app, NAME)
        notebook.open_panel()

        # installed without a kernel, then one is started from the file, which does not have it yet
        stop_kernel(notebook)
        notebook.install("demo")
        expect(notebook.asked_for()).to_have_text([re.compile("demo.*2.0")])
        start_kernel(notebook)
        all_say(notebook, "Ready.", "1 package", "")
        notebook.shows("import demo; demo.__version__", "'2.0'")
        notebook.save()
        until(lambda: server.block(NAME))

        # changed in a terminal and loaded again: there at once
        terminal(server, "install", str(server.root / NAME), "shout")
        reload_from_disk(notebook)
        expect(notebook.asked_for()).to_have_count(2)
        all_say(notebook, "Ready.", "2 packages", "")
        notebook.shows("!shout", "HELLO")
        notebook.save()

        # what is loaded would change: a restart, which names it
        notebook.shows("import demo_dep; demo_dep.__version__", "'1.1'")
        notebook.save()
        until(lambda: "demo_dep.__version__" in (server.root / NAME).read_text())
        terminal(server, "install", str(server.root / NAME), "needs-old")
        reload_from_disk(notebook)
        sentence = "estart to use needs-old 1.0 (demo-dep 1.1 is loaded and changes to 1.0)"
        all_say(notebook, sentence, "restart needed", sentence)
        expect(notebook.asked_for().filter(has_text="needs-old")).to_contain_text("after a restart")
        expect(notebook.asked_for().filter(has_text="shout")).not_to_contain_text("after a restart")
        expect(notebook.panel.get_by_role("button", name="Restart kernel…")).to_be_visible()

        # the way back needs none
        command(notebook, "docmanager:restore-checkpoint")
        confirm(notebook)
        expect(notebook.asked_for()).to_have_count(2)
        all_say(notebook, "Ready.", "2 packages", "")


def two_windows(notebook: NotebookPage, server: Server, app: App) -> NotebookPage:
    place = f"{NAME}?reset" if app == "jupyterlab" else NAME
    other = open_notebook(notebook.page.context.new_page(), server, app, place)
    other.open_panel()
    return other


@BOTH
def test_two_windows_have_one_environment(page: Page, serve: Serve, index: LocalIndex, app: App):
    with serve(app, "one") as server:
        write(server.root / NAME, None)
        notebook = open_notebook(page, server, app, NAME)
        notebook.open_panel()
        other = two_windows(notebook, server, app)
        notebook.page.bring_to_front()
        notebook.install("demo")
        other.page.bring_to_front()
        expect(other.asked_for()).to_have_text([re.compile("demo.*2.0")])

        # both at once: none is lost
        index.faults["/simple/shout"] = "wait"
        other.install("shout")
        expect(other.chip).to_contain_text("installing")
        notebook.page.bring_to_front()
        heard = notebook.panel.get_by_role("button", name="Cancel").is_visible()
        notebook.install("needs-old")
        if not heard:  # else it comes after the other's
            expect(notebook.asked_for()).to_have_count(2, timeout=90 * SECOND)
        index.faults.clear()
        for one in (notebook, other):
            one.page.bring_to_front()
            expect(one.asked_for()).to_have_count(3, timeout=90 * SECOND)


@BOTH
@pytest.mark.parametrize("kernel", [True, False], ids=["kernel", "no kernel"])
def test_what_ended_while_no_page_looked_is_shown_by_the_next(
    page: Page, serve: Serve, index: LocalIndex, app: App, kernel: bool
):
    with serve(app, "one") as server:
        write(server.root / NAME, None)
        notebook = open_notebook(page, server, app, NAME)
        notebook.open_panel()
        if not kernel:
            stop_kernel(notebook)
        index.faults["/files/demo"] = "wait"
        notebook.install("demo")
        until(lambda: any("/files/demo" in hit for hit in index.hits))

        # progress and Cancel after a reload
        page.reload()
        if not notebook.panel.is_visible():
            notebook.chip.click()
        expect(notebook.chip).to_contain_text("installing")
        notebook.panel.get_by_role("button", name="Cancel").click()
        expect(notebook.panel).to_contain_text("Stopped. Nothing has changed.")

        # a failure, and then a success, while the page is away
        index.faults["/simple/nothing"] = "wait"
        index.hits.clear()
        notebook.install("nothing")
        until(lambda: any("/simple/nothing" in hit for hit in index.hits))
        away(page, server, index)
        notebook = back(page, server, app)
        expect(notebook.panel.get_by_role("alert")).to_contain_text("nothing")
        index.faults["/files/demo"] = "wait"
        notebook.install("demo")
        expect(notebook.chip).to_contain_text("installing")
        away(page, server, index)
        notebook = back(page, server, app)
        expect(notebook.asked_for()).to_have_text([re.compile("demo.*2.0")])
        expect(notebook.panel).to_contain_text("demo 2.0")
        expect(notebook.panel.get_by_role("alert")).to_be_empty()

        # it was never saved: the next page still has it
        notebook.reload().open_panel()
        expect(notebook.panel).to_contain_text("Ready.")
        notebook.panel.get_by_role("button", name="Record in the notebook").click()
        expect(notebook.asked_for()).to_have_text([re.compile("demo.*2.0")])
        notebook.save()
        until(lambda: server.block(NAME))
        notebook.reload().open_panel()
        expect(notebook.panel).to_contain_text("Ready.")
        expect(notebook.panel.get_by_role("button", name="Record in the notebook")).to_have_count(0)

        # nobody has to take it
        notebook.install("shout")
        expect(notebook.asked_for()).to_have_count(2)
        notebook.reload().open_panel()
        notebook.panel.get_by_role("button", name="Discard").click()
        expect(notebook.panel.get_by_role("button", name="Discard")).to_have_count(0)
        expect(notebook.asked_for()).to_have_text([re.compile("demo.*2.0")])
        notebook.reload().open_panel()
        expect(notebook.panel).to_contain_text("Ready.")
        expect(notebook.asked_for()).to_have_text([re.compile("demo.*2.0")])
        expect(notebook.panel.get_by_role("button", name="Discard")).to_have_count(0)


def away(page: Page, server: Server, index: LocalIndex) -> None:
    page.goto("about:blank")
    index.faults.clear()
    until(lambda: server.api("GET", "jupyter-envs/api/v1/jobs")["jobs"][0]["state"] != "running")


def back(page: Page, server: Server, app: App) -> NotebookPage:
    notebook = open_notebook(page, server, app, NAME)
    notebook.open_panel()
    return notebook


@BOTH
def test_a_restarted_server_and_a_question_from_before_a_reload(page: Page, serve: Serve, app: App):
    with serve(app, "one") as server:
        write(server.root / NAME, None)
        notebook = open_notebook(page, server, app, NAME)
        notebook.open_panel()

        # the page that is loaded again cannot show the kernel's question
        notebook.start("%env-install only-source")
        expect(notebook.cells.first.locator(".jp-Stdin")).to_contain_text("only-source")
        page.reload()
        expect(notebook.chip).to_contain_text("a question waits")
        notebook.open_panel()
        expect(notebook.panel).to_contain_text("this page cannot answer")
        notebook.panel.get_by_role("button", name="Interrupt kernel").click()
        expect(notebook.chip).not_to_contain_text("a question waits")
        notebook.ready()
        notebook.install("demo")
        expect(notebook.asked_for()).to_have_text([re.compile("demo.*2.0")])
        notebook.save()
        until(lambda: server.block(NAME))

    # the server has gone, and its kernel with it: the panel does not say that it is ready
    with serve(app, "one", base=False, port=server.port) as server:
        until(lambda: not server.api("GET", "api/kernels"))
        notebook = NotebookPage(page, app, server)
        expect(notebook.panel.get_by_label("State")).not_to_contain_text("Ready.", timeout=90 * SECOND)
        page.reload()
        notebook.ready().open_panel()
        all_say(notebook, "Ready.", "1 package", "")
        notebook.shows("import demo; demo.__version__", "'2.0'")


def test_what_is_in_front_and_is_no_notebook_is_named(page: Page, serve: Serve):
    with serve("jupyterlab", "one") as server:
        write(server.root / NAME, None)
        notebook = open_notebook(page, server, "jupyterlab", NAME)
        notebook.open_panel()
        page.get_by_role("button", name="New Launcher").first.click()
        expect(notebook.panel).to_contain_text("“Launcher” is in front")
        expect(notebook.panel.get_by_label("Packages to install")).to_have_count(0)
        expect(page.locator(".jp-Envs-chip:visible")).to_have_count(0)
        page.locator(".jp-LauncherCard[data-category=Console]").first.click()
        expect(notebook.panel).to_contain_text(re.compile("“Console.*” is in front"))
        page.get_by_role("tab", name=NAME).click()
        expect(notebook.panel.get_by_label("Packages to install")).to_be_visible()
