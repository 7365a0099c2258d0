"""Takes the pictures of the documentation, with the package index of this machine:

python -m tests.browser.pictures docs/images
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from .conftest import FLAGS, chromium
from .jupyter import Server, serving, until
from .notebook_page import SECOND, NotebookPage, new_notebook

PLOT = """import pandas as pd

sales = pd.Series({"Mon": 12, "Tue": 18, "Wed": 9, "Thu": 22, "Fri": 31}, name="sales")
sales.plot.bar(figsize=(5, 2), rot=0);"""
PATIENCE = 180 * SECOND


def main(folder: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "JPY_"))}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as place:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1120, "height": 640})
        with serving("jupyterlab", Path(place), environ) as server:
            _take(page, server, folder)
        browser.close()


def _take(page: Page, server: Server, folder: Path) -> None:
    notebook = new_notebook(page, server, "jupyterlab")
    page.keyboard.press("Control+b")  # the files are not what the pictures show
    notebook.shows("%env-install pandas matplotlib", re.compile(r"pandas \d"), timeout=PATIENCE)
    expect(notebook.run(PLOT, PATIENCE).locator("img")).to_be_visible()
    notebook.save_as("analysis.ipynb")
    until(lambda: server.block("analysis.ipynb"))
    _shoot(notebook, folder / "install.png")
    notebook.open_panel()
    notebook.install("seaborn>=0.13")
    expect(notebook.asked_for()).to_have_count(3, timeout=PATIENCE)
    notebook.panel.get_by_text("Everything installed").click()
    _shoot(notebook, folder / "panel.png")


def _shoot(notebook: NotebookPage, path: Path) -> None:
    notebook.ready()
    notebook.page.mouse.move(600, 620)
    notebook.page.wait_for_timeout(SECOND)  # until nothing fades any more
    notebook.page.screenshot(path=path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
