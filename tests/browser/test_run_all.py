"""Cells that are run before anybody knows what would answer keep their outputs."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from .conftest import Serve
from .jupyter import Server, until
from .notebook_page import SECOND, App, NotebookPage
from .strangers import NAME, Made, banner, press, write

pytestmark = pytest.mark.browser
BOTH = pytest.mark.parametrize("app", ["jupyterlab", "notebook"])
OURS = re.compile("/jupyter-envs/api/")
ALL = re.compile("/jupyter-envs/api/|/api/sessions")
SAVED = ("kept 1", "kept 2", "kept 3")
LANDED = "Cells with outputs did not run, so that no output is lost."


def opened(page: Page, server: Server, app: App) -> NotebookPage:
    """As soon as its cells are there; the kernel may not be."""
    page.goto(server.page(f"lab/tree/{NAME}" if app == "jupyterlab" else f"notebooks/{NAME}"))
    expect(page.locator(".jp-NotebookPanel .jp-OutputArea-output").first).to_be_visible(timeout=60 * SECOND)
    return NotebookPage(page, app, server)


def listing(route: Route) -> bool:
    """What a page asks before it shows anything."""
    return route.request.method == "GET" and not OURS.search(route.request.url)


def command(page: Page, name: str) -> None:
    page.evaluate("name => { void (window.jupyterapp ?? window.jupyterlab).commands.execute(name); }", name)


def kept(notebook: NotebookPage) -> None:
    for text in SAVED:
        expect(notebook.page.locator(".jp-OutputArea-output", has_text=text)).to_have_count(1)
    expect(notebook.page.locator(".jp-OutputArea-output", has_text="EnvironmentNotReady")).to_have_count(0)


@BOTH
def test_no_output_is_lost_however_early_cells_are_run_and_however_late_the_server_answers(
    page: Page, serve: Serve, made: Made, app: App
):
    with serve(app, "reader") as server:
        write(server.root / NAME, made("demo"), *((f"print({i})", text) for i, text in enumerate(SAVED)))
        held: list[Route] = []
        page.route(ALL, lambda route: route.continue_() if listing(route) else held.append(route))
        notebook = opened(page, server, app)
        for name in ("notebook:run-all-cells", "notebook:run-cell-and-select-next", "notebook:run-all-above"):
            command(page, name)
        kept(notebook)
        for route in held:
            route.continue_()
        page.unroute(ALL)
        expect(page.get_by_text(LANDED)).to_be_visible(timeout=60 * SECOND)
        kept(notebook)

        page.route(OURS, lambda route: route.abort())  # now only the kernel itself can say what it is
        notebook = opened(page, server, app)
        command(page, "notebook:run-all-cells")
        expect(page.get_by_text(LANDED)).to_be_visible(timeout=60 * SECOND)
        kept(notebook)
        page.unroute(OURS)

        notebook = opened(page, server, app)
        expect(banner(notebook)).to_be_visible(timeout=60 * SECOND)
        command(page, "notebook:restart-run-all")
        page.locator("body > .jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()
        expect(page.get_by_text(LANDED)).to_be_visible(timeout=60 * SECOND)
        kept(notebook)
        command(page, "docmanager:save")
        until(lambda: all(text in (server.root / NAME).read_text() for text in SAVED))

        press(notebook, "Build")
        expect(banner(notebook)).to_have_count(0, timeout=60 * SECOND)
        notebook.ready()
        command(page, "notebook:run-all-cells")
        expect(page.locator(".jp-OutputArea-output", has_text="kept")).to_have_count(0, timeout=60 * SECOND)


@BOTH
def test_a_notebook_of_another_kernel_runs_whatever_the_server_says(page: Page, serve: Serve, app: App):
    with serve(app, "reader") as server:
        path = server.root / NAME
        write(path, None, ("print('ran')", "kept 1"))
        notebook = json.loads(path.read_text())
        notebook["metadata"]["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        path.write_text(json.dumps(notebook))
        page.route(OURS, lambda route: route.abort())
        opened(page, server, app)
        command(page, "notebook:run-all-cells")
        expect(page.locator(".jp-OutputArea-output", has_text="ran")).to_be_visible(timeout=60 * SECOND)
