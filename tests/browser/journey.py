"""The whole way of one notebook, from the first cell to somebody else's machine."""

from __future__ import annotations

import re
import shutil

from playwright.sync_api import Page, expect

from .conftest import Serve
from .jupyter import until
from .notebook_page import SECOND, App, new_notebook, open_notebook

NAME = "analysis.ipynb"
SLIDER = """import ipywidgets, demo
slider = ipywidgets.IntSlider(value=3, max=10, description="n")
shown = ipywidgets.Label("n is 3")
slider.observe(lambda change: setattr(shown, "value", f"n is {change.new}"), "value")
ipywidgets.VBox([slider, shown])"""


def first_user(page: Page, serve: Serve, app: App) -> dict[str, str]:
    """Makes a notebook that asks for demo and ipywidgets; the versions of everything it runs with."""
    with serve(app, "one") as server:
        notebook = new_notebook(page, server, app)
        notebook.shows("1+1", "2")
        notebook.shows("%env-install demo", "demo 2.0")
        notebook.shows("import demo; demo.__version__", "'2.0'")
        notebook.save_as(NAME)
        assert until(lambda: server.block(NAME))["dependencies"] == ["demo"]

        notebook.open_panel()
        expect(notebook.asked_for()).to_have_text(re.compile("demo.*2.0"))
        notebook.install("ipywidgets")
        expect(notebook.asked_for()).to_have_count(2, timeout=60 * SECOND)
        notebook.save()
        until(lambda: server.block(NAME)["dependencies"] == ["demo", "ipywidgets"])

        notebook.reload()
        notebook.open_panel()
        expect(notebook.asked_for()).to_have_count(2)
        expect(notebook.panel).to_contain_text("Ready.")
        move_slider(notebook.page, notebook.run(SLIDER))
        notebook.save()
        until(lambda: "IntSlider" in (server.root / NAME).read_text())
        saved = server.notebook(NAME)
        assert saved["metadata"]["kernelspec"]["name"] == "jupyter-envs"
        shutil.copy(server.root / NAME, server.root.parent / "sent.ipynb")
        return locked(saved)


def move_slider(page: Page, cell) -> None:
    handle = cell.locator(".noUi-handle")
    expect(handle).to_be_visible(timeout=30 * SECOND)
    handle.focus()
    page.keyboard.press("ArrowRight")
    expect(cell.locator(".jp-OutputArea")).to_contain_text("n is 4", timeout=30 * SECOND)


def locked(notebook: dict) -> dict[str, str]:
    return {row["name"]: row["version"] for row in notebook["metadata"]["jupyter_envs"]["lock"]["packages"]}
