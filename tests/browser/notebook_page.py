"""A notebook in the browser, as somebody at the keyboard has it; the same in JupyterLab and Notebook 7."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Locator, Page, expect

from .jupyter import Server, until

App = Literal["jupyterlab", "notebook"]
KERNEL = "Python (notebook environment)"
SECOND = 1000
"""Milliseconds."""


@dataclass(frozen=True)
class NotebookPage:
    page: Page
    app: App
    server: Server

    # -- coming and going --------------------------------------------------------------------------------------

    def ready(self) -> NotebookPage:
        """The kernel has answered and has nothing to do."""
        expect(self.page.locator(".jp-NotebookPanel-notebook:visible .jp-Cell").first).to_be_visible(
            timeout=60 * SECOND
        )
        until(self.server.kernels_ready)
        return self

    def reload(self) -> NotebookPage:
        self.page.reload()
        return self.ready()

    def save(self) -> None:
        self.page.keyboard.press("Control+s")

    def save_as(self, name: str) -> None:
        """JupyterLab asks for a name at the first save, Notebook 7 when its title is clicked."""
        if self.app == "jupyterlab":
            self.save()
        else:
            self.page.locator("#jp-title h1").click()
        self.dialog().get_by_role("textbox").fill(name)
        self.page.keyboard.press("Enter")
        until((self.server.root / name).exists)
        expect(self.dialog()).to_have_count(0)
        expect(self.page).to_have_title(re.compile(name.removesuffix(".ipynb")))
        self.save()

    # -- cells -------------------------------------------------------------------------------------------------

    @property
    def cells(self) -> Locator:
        return self.page.locator(".jp-NotebookPanel-notebook:visible .jp-CodeCell")

    def run(self, code: str, timeout: float = 60 * SECOND) -> Locator:
        """Types it into the last cell, runs it, and gives that cell when it is done."""
        cell = self.start(code)
        expect(cell.locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]:"), timeout=timeout)
        return cell

    def start(self, code: str) -> Locator:
        """As `run`, without waiting."""
        cell = self.cells.nth(self.cells.count() - 1)
        cell.locator(".cm-content").click()
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Shift+Enter")
        return cell

    def shows(self, code: str, text: str | re.Pattern[str], timeout: float = 60 * SECOND) -> Locator:
        """Runs it, and expects that among its outputs."""
        cell = self.run(code, timeout)
        expect(cell.locator(".jp-OutputArea").first).to_contain_text(text, timeout=timeout)
        return cell

    def menu(self, *names: str) -> None:
        for name in names:
            self.page.get_by_role("menuitem", name=name, exact=True).click()

    # -- the panel ---------------------------------------------------------------------------------------------

    @property
    def chip(self) -> Locator:
        return self.page.locator(".jp-NotebookPanel:visible .jp-Envs-chip")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("region", name="Notebook environment")

    def open_panel(self) -> Locator:
        if not self.panel.is_visible():
            self.chip.click()
        expect(self.panel).to_be_visible()
        return self.panel

    def asked_for(self) -> Locator:
        return self.panel.get_by_label("Packages", exact=True).get_by_role("listitem")

    def install(self, words: str) -> None:
        self.panel.get_by_label("Packages to install").fill(words)
        self.page.keyboard.press("Enter")

    def dialog(self) -> Locator:
        return self.page.locator(".jp-Dialog")


def open_notebook(page: Page, server: Server, app: App, name: str) -> NotebookPage:
    place = f"lab/tree/{name}" if app == "jupyterlab" else f"notebooks/{name}"
    page.goto(server.page(place))
    return NotebookPage(page, app, server).ready()


def new_notebook(page: Page, server: Server, app: App) -> NotebookPage:
    """As a user makes one, with our kernel; in Notebook 7 in a tab of its own, and the first one is closed."""
    if app == "jupyterlab":
        page.goto(server.page("lab"))
        page.locator(f".jp-LauncherCard[title='{KERNEL}']").first.click(timeout=60 * SECOND)
        return NotebookPage(page, app, server).ready()
    page.goto(server.page("tree"))
    page.locator(".jp-FileBrowser-toolbar").get_by_text("New", exact=True).click(timeout=60 * SECOND)
    with page.context.expect_page() as opened:
        page.get_by_role("menuitem", name=KERNEL).click()
    notebook = NotebookPage(opened.value, app, server).ready()
    # Its list of files has a connection to the kernel too, and widgets then send nothing, with any kernel.
    page.close()
    return notebook
