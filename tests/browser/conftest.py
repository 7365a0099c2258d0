"""A browser, and Jupyter servers that know only the package index of the tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from tests.local_index import LocalIndex
from tests.wheels import closure_of, needed_elsewhere, repack

from .jupyter import Server, serving
from .strangers import Made, maker

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
SHOTS = os.environ.get("JUPYTER_ENVS_SCREENSHOTS")
"""A folder that gets a picture of each page at the end of its test; the tests that fail leave one in any case."""

expect.set_options(timeout=30_000)

Serve = Callable[..., AbstractContextManager[Server]]


def chromium() -> str | None:
    """The system's; None: the one that Playwright has fetched."""
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


@pytest.fixture(scope="package")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Gone after the last test of this folder: its loop is the main thread's, where Jupyter Server's tests need theirs."""
    home = str(tmp_path_factory.mktemp("chromium"))  # it keeps its crash reports there
    with sync_playwright() as playwright:
        try:
            env: dict[str, Any] = {**os.environ, "HOME": home}
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS, env=env)
        except Error as error:
            pytest.fail(f"Chromium does not start: {error}")
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """In a profile of its own; what it logs as an error is shown when the test fails."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.on("console", lambda message: print(f"[{message.type}] {message.text}") if message.type == "error" else None)
    yield page
    folder = Path(SHOTS) if SHOTS else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(context.pages):
        one.screenshot(path=folder / f"{request.node.path.stem}-{request.node.name[:60]}-{number}.png")
    context.close()


@pytest.fixture(scope="session")
def widget_wheels(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    folder = tmp_path_factory.mktemp("widgets")
    names = closure_of("ipywidgets")
    return [*(repack(name, folder) for name in names), *needed_elsewhere(names)]


@pytest.fixture
def serve(index: LocalIndex, widget_wheels: list, tmp_path: Path) -> Serve:
    """Starts a server: `serve("jupyterlab", "one")`. Each name is a user of its own, with an empty home."""
    for dist in widget_wheels:
        if dist.name not in index.listed:
            index.add(dist)

    def start(app: str, name: str, **options: Any) -> AbstractContextManager[Server]:
        return serving(app, tmp_path / name, os.environ, **options)

    return start


@pytest.fixture
def made(index: LocalIndex, home: Path, tmp_path: Path) -> Made:
    """Blocks as somebody else makes them."""
    return maker(home, tmp_path / "stranger")


@pytest.fixture
def reader(serve: Serve) -> Iterator[Server]:
    """JupyterLab of somebody who has seen nothing of it."""
    with serve("jupyterlab", "reader") as server:
        yield server
