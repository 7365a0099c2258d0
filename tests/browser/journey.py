"""The whole way of one notebook, from the first cell to somebody else's machine."""

from __future__ import annotations

import re
import shutil
from typing import Any

from playwright.sync_api import Locator, Page, expect

from .conftest import Serve
from .jupyter import Server, until
from .notebook_page import SECOND, App, NotebookPage, new_notebook, open_notebook

NAME = "analysis.ipynb"
SLIDER = """import ipywidgets, demo
slider = ipywidgets.IntSlider(value=3, max=10, description="n")
shown = ipywidgets.Label("n is 3")
slider.observe(lambda change: setattr(shown, "value", f"n is {change.new}"), "value")
ipywidgets.VBox([slider, shown])"""


def whole_way(page: Page, serve: Serve, app: App) -> None:
    with serve(app, "one") as first:
        write(page, first, app)
        sent = first.notebook(NAME)
    with serve(app, "two") as second:
        shutil.copy(first.root / NAME, second.root / NAME)
        receive(page.context.new_page(), second, app, sent)


def write(page: Page, server: Server, app: App) -> None:
    """A new notebook that asks for demo, in a cell, and for ipywidgets, in the panel."""
    notebook = new_notebook(page, server, app)
    notebook.shows("1+1", "2")
    notebook.shows("%env-install demo", "demo 2.0")
    notebook.shows("import demo; demo.__version__", "'2.0'")
    notebook.save_as(NAME)
    until(lambda: asked_for(server) == ["demo"])

    notebook.open_panel()
    expect(notebook.asked_for()).to_have_text(re.compile("demo.*2.0"))
    notebook.install("ipywidgets")
    expect(notebook.asked_for()).to_have_count(2, timeout=60 * SECOND)
    notebook.save()
    until(lambda: asked_for(server) == ["demo", "ipywidgets"])

    notebook.reload()
    notebook.open_panel()
    expect(notebook.asked_for()).to_have_text([re.compile("demo.*2.0"), re.compile("ipywidgets")])
    expect(notebook.panel).to_contain_text("Ready.")
    move_slider(notebook, notebook.run(SLIDER))
    notebook.save()
    until(lambda: "IntSlider" in (server.root / NAME).read_text())


def receive(page: Page, server: Server, app: App, sent: dict[str, Any]) -> None:
    """Nothing of it was ever seen on this machine: it is shown, built after a yes, and runs with the same versions."""
    notebook = open_notebook(page, server, app, NAME)
    notebook.open_panel()
    expect(notebook.panel).to_contain_text("Not built on this machine yet.")
    assert server.notebook(NAME) == sent, "opening it changed it"
    assert server.environments() == 1, "only the base environment may be there"

    notebook.panel.get_by_role("button", name="Build…").click()
    expect(notebook.dialog()).to_contain_text("demo")
    notebook.dialog().get_by_role("button", name="Build", exact=True).click()
    expect(notebook.panel).to_contain_text("Ready.", timeout=60 * SECOND)
    notebook.ready()
    notebook.shows("import demo, ipywidgets; print(demo.__version__, ipywidgets.__version__)", f"2.0 {version(sent)}")
    move_slider(notebook, notebook.run(SLIDER))
    assert server.block(NAME) == sent["metadata"]["jupyter_envs"]


def move_slider(notebook: NotebookPage, cell: Locator) -> None:
    """Drags it to the right; the kernel answers with the new number."""
    handle = cell.locator(".noUi-handle")
    expect(handle).to_be_visible()
    notebook.ready()
    place = handle.bounding_box()
    assert place
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    notebook.page.mouse.move(x, y)
    notebook.page.mouse.down()
    notebook.page.mouse.move(x + 40, y, steps=8)
    notebook.page.mouse.up()
    expect(cell.locator(".jp-OutputArea").first).to_contain_text(re.compile("n is [4-9]"))


def asked_for(server: Server) -> list[str]:
    return (server.block(NAME) or {}).get("dependencies", [])


def version(notebook: dict[str, Any]) -> str:
    """Of ipywidgets, as locked."""
    rows = notebook["metadata"]["jupyter_envs"]["lock"]["packages"]
    return next(row["version"] for row in rows if row["name"] == "ipywidgets")
