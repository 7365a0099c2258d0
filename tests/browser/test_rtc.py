"""One notebook open in two browsers, with jupyter-collaboration: a shared document, which the server saves."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from uv import find_uv_bin

from tests.local_index import LocalIndex

from .conftest import Serve
from .jupyter import CLI, Server, until
from .notebook_page import SECOND, NotebookPage, open_notebook
from .strangers import NAME, Made, banner, has_demo, jobs, no_other_kernel, press, write

pytestmark = [pytest.mark.browser, pytest.mark.network]
METADATA = "window.jupyterapp.shell.currentWidget.context.model.sharedModel.metadata"
NEEDED = ("jupyter-collaboration>=4", "jupyterlab", "jupyter-server")


@pytest.fixture(scope="module")
def collaborating(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python with jupyter-collaboration and all that the tests have. Where that is installed, every notebook is a
    shared document, so it is not among what the tests need."""
    folder = tmp_path_factory.mktemp("rtc")
    python = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    here = folder / "here.txt"
    here.write_text(
        "\n".join(
            sorted({f"{dist.name}=={dist.version}" for dist in metadata.distributions() if "+" not in dist.version})
        )
    )
    uv = [find_uv_bin(), "--quiet"]
    subprocess.run([*uv, "venv", "--python", sys.executable, folder / "venv"], check=True)
    subprocess.run([*uv, "pip", "install", "--python", python, "--constraint", here, *NEEDED], check=True)
    asked = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.check_output(asked, text=True).strip())
    (site / "tests.pth").write_text(
        "".join(f"import site; site.addsitedir({place!r})\n" for place in sys.path if place.endswith("site-packages"))
        + "".join(f"{place}\n" for place in sys.path if place and Path(place, "jupyter_envs").is_dir())
    )
    return str(python)


@pytest.fixture
def shared(collaborating: str, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("JUPYTER_PATH", str(Path(sys.prefix, "share", "jupyter")))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(Path(sys.prefix, "etc", "jupyter")))
    with serve("jupyterlab", "shared", python=collaborating) as server:
        yield server


@pytest.fixture
def other(browser: Browser) -> Iterator[Page]:
    """Somebody else's browser."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(30 * SECOND)
    yield context.new_page()
    context.close()


def both(server: Server, page: Page, other: Page) -> tuple[NotebookPage, NotebookPage]:
    one = open_notebook(page, server, "jupyterlab", NAME)
    two = open_notebook(other, server, "jupyterlab", NAME)
    assert "json:notebook:" in (server.root.parent / "server.log").read_text(), "this is no shared document"
    return one, two


def kernels_started(server: Server) -> int:
    return (server.root.parent / "server.log").read_text().count("Kernel started:")


def test_two_browsers_open_it_unchanged_and_get_its_kernel_once(shared: Server, page: Page, other: Page, made: Made):
    sent = json.loads(write(shared.root / NAME, made("demo"), ("1+1", "2"), ("", "")))
    one, two = both(shared, page, other)
    for each in (one, two):
        expect(banner(each)).to_contain_text("This notebook brings an environment")
        expect(each.page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
        assert each.page.evaluate(METADATA) == sent["metadata"]
    assert shared.notebook(NAME) == sent
    press(two, "Build")
    for each in (one, two):
        expect(banner(each)).to_have_count(0, timeout=60 * SECOND)
        expect(each.chip).to_contain_text("1 package")
    assert (
        one.page.evaluate(METADATA)["jupyter_envs"]
        == two.page.evaluate(METADATA)["jupyter_envs"]
        == sent["metadata"]["jupyter_envs"]
    )
    no_other_kernel(shared)
    assert (jobs(shared), kernels_started(shared)) == (["build"], 2)
    has_demo(one)
    expect(two.page.locator(".jp-OutputArea").filter(has_text="'2.0'")).to_have_count(1)


def test_changes_of_both_and_of_a_terminal_are_in_it_once(shared: Server, page: Page, other: Page):
    write(shared.root / NAME, None)
    one, two = both(shared, page, other)
    one.open_panel()
    two.open_panel()
    one.shows("%env-install demo", "demo 2.0")
    for each in (one, two):
        expect(each.asked_for()).to_have_count(1)
    two.install("shout")
    for each in (one, two):
        expect(each.asked_for()).to_have_count(2, timeout=60 * SECOND)
    until(lambda: asked_for(shared) == ["demo", "shout"])
    subprocess.run(
        [sys.executable, CLI, "install", shared.root / NAME, "needs-old"], env=dict(shared.environ), check=True
    )
    for each in (one, two):
        expect(each.asked_for()).to_have_count(3, timeout=60 * SECOND)
    one.shows("40+2", "42")
    until(lambda: "40+2" in (shared.root / NAME).read_text())
    saved = shared.notebook(NAME)["metadata"]["jupyter_envs"]
    assert (saved["dependencies"], [entry["did"] for entry in saved["history"]]) == (
        ["demo", "shout", "needs-old"],
        ["install demo", "install shout", "install needs-old"],
    )
    assert (shared.root / NAME).read_text().count('"jupyter_envs"') == 1
    assert jobs(shared) == ["install"], "the other browser installed it again"


def test_two_installs_at_once_and_a_reload_lose_nothing(shared: Server, page: Page, other: Page, index: LocalIndex):
    write(shared.root / NAME, None)
    one, two = both(shared, page, other)
    for each in (one, two):
        each.open_panel()
    settled(one, two)
    index.faults["/simple/demo"] = "wait"
    one.install("demo")
    expect(one.chip).to_contain_text("installing")
    install_beside(two, "shout")
    one.page.reload()
    expect(one.chip).to_contain_text("installing", timeout=60 * SECOND)
    one.open_panel()
    index.faults.clear()
    for each in (one, two):
        expect(each.asked_for()).to_have_count(2, timeout=60 * SECOND)
    until(lambda: sorted(asked_for(shared)) == ["demo", "shout"])
    one.shows("import demo; demo.__version__", "'2.0'")


def test_a_failure_is_shown_where_it_was_asked_for(shared: Server, page: Page, other: Page, index: LocalIndex):
    write(shared.root / NAME, None)
    one, two = both(shared, page, other)
    for each in (one, two):
        each.open_panel()
    settled(one, two)

    # it fails on a block that the first window has changed meanwhile, and its way out is taken on that one
    index.faults["/simple/demo"] = "wait"
    two.install("demo==3.0")
    works(two)
    install_beside(one, "shout")
    index.faults.clear()
    expect(alert(two)).to_contain_text("demo has no version 3.0; the newest is 2.0.")
    for each in (one, two):
        expect(each.asked_for()).to_have_count(1, timeout=60 * SECOND)
    settled(one, two)
    expect(alert(one)).to_be_empty()
    alert(two).get_by_role("button", name="Take demo 2.0").click()
    for each in (one, two):
        expect(each.asked_for()).to_have_count(2, timeout=60 * SECOND)
    until(lambda: asked_for(shared) == ["shout", "demo==2.0"])

    # it ends while its window is loaded again
    index.faults["/simple/nothing"] = "wait"
    two.install("nothing")
    works(two)
    two.page.reload()
    if not two.panel.is_visible():
        two.page.get_by_role("tab", name="Notebook environment").click(timeout=60 * SECOND)
    works(two)
    index.faults.clear()
    expect(alert(two)).to_contain_text('There is no package called "nothing"')
    settled(one, two)
    for each in (one, two):
        expect(each.asked_for()).to_have_count(2)
        expect(each.panel.get_by_label("State")).to_contain_text("Ready.")


def alert(notebook: NotebookPage) -> Locator:
    return notebook.panel.get_by_role("alert")


def install_beside(notebook: NotebookPage, words: str) -> None:
    """While a job of another window waits. A window that has seen that job begins its own after it."""
    seen = notebook.panel.get_by_role("button", name="Cancel").is_visible()
    notebook.install(words)
    if not seen:
        expect(notebook.asked_for()).to_have_count(1, timeout=60 * SECOND)


def works(notebook: NotebookPage) -> None:
    """The panel says it: beside all that others put into the toolbar, there is no room for the chip."""
    expect(notebook.panel.get_by_role("button", name="Cancel")).to_be_visible(timeout=60 * SECOND)


def settled(*windows: NotebookPage) -> None:
    """No window shows work any more, and each has had time to ask what came of it."""
    for each in windows:
        expect(each.panel.get_by_role("button", name="Cancel")).to_have_count(0)
        each.page.wait_for_timeout(SECOND)


def asked_for(server: Server) -> list[Any]:
    return (server.block(NAME) or {}).get("dependencies", [])
