"""Notebooks that somebody else made: their environments were never seen by the server that opens them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Locator, Page, expect

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.model.options import Options
from jupyter_envs.settings import Settings

from ..typed import typed
from .jupyter import Server, until
from .notebook_page import SECOND, App, NotebookPage, open_notebook

SPEC = {"name": "jupyter-envs", "display_name": "Python (notebook environment)", "language": "python"}
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3}, "file_extension": ".py", "mimetype": "text/x-python",
    "name": "python", "nbconvert_exporter": "python", "pygments_lexer": "ipython3", "version": "3.9.9",
}  # fmt: skip
NAME = "theirs.ipynb"
Made = Callable[..., dict[str, Any]]


def maker(home: Path, place: Path) -> Made:
    """`made("demo")` is the block of a notebook that asks for demo, made by a user whose home is at `place`."""
    (place / "cache").mkdir(mode=0o700, parents=True)
    shutil.copy(home / "cache" / "interpreters.json", place / "cache")
    (place / "cache" / "uv").symlink_to((home / "cache" / "uv").resolve())
    rooms = Environments(Settings(home=place, store=place / "store"))

    def made(*words: str, allow_build: tuple[str, ...] = (), allow_startup: tuple[str, ...] = ()) -> dict[str, Any]:
        options = Options(allow_build=frozenset(allow_build), build=False)
        return rooms.install(None, typed(*words), options=options).block.to_dict()

    return made


def write(path: Path, block: dict[str, Any] | None, *cells: tuple[str, str]) -> bytes:
    """A notebook of (code, saved output) cells; its bytes."""
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": SPEC, "language_info": LANGUAGE})
    if block is not None:
        notebook.metadata["jupyter_envs"] = block
    for number, (code, output) in enumerate(cells or (("", ""),), 1):
        outputs = (
            [nbformat.v4.new_output("execute_result", {"text/plain": output}, execution_count=number)] if output else []
        )
        notebook.cells.append(
            nbformat.v4.new_code_cell(code, outputs=outputs, execution_count=number if output else None)
        )
    nbformat.write(notebook, path)
    return path.read_bytes()


def arrived(page: Page, server: Server, app: App = "jupyterlab") -> NotebookPage:
    return open_notebook(page, server, app, NAME)


def banner(notebook: NotebookPage) -> Locator:
    return notebook.page.locator(".jp-NotebookPanel:visible [data-jupyter-envs] .jp-Envs-banner")


def press(notebook: NotebookPage, name: str) -> None:
    banner(notebook).get_by_role("button", name=name, exact=True).click()


def unchanged(notebook: NotebookPage, before: bytes) -> None:
    """Neither on disk, nor, as far as the page knows, in the browser."""
    assert (notebook.server.root / NAME).read_bytes() == before
    expect(notebook.page.locator(".lm-TabBar-tab.jp-mod-dirty, .jp-mod-dirty[role=tab]")).to_have_count(0)


def jobs(server: Server) -> list[str]:
    return [job["action"] for job in server.api("GET", "jupyter-envs/api/v1/jobs")["jobs"]]


def has_demo(notebook: NotebookPage) -> None:
    expect(banner(notebook)).to_have_count(0, timeout=60 * SECOND)
    notebook.ready()
    notebook.shows("import demo; demo.__version__", "'2.0'")


def no_other_kernel(server: Server) -> None:
    """What its kernel took the place of is gone, or on its way out."""
    until(lambda: len(server.api("GET", "api/kernels")) == 1)


def one_kernel(server: Server) -> dict[str, str]:
    return server.api("GET", "api/sessions")[0]["kernel"]
