"""From the stand-in to the kernel: whoever builds it, wherever the page is, and what helps where it cannot be built."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jupyter_envs.model.block import parse_block
from tests.local_index import LocalIndex
from tests.pythons import HIDDEN, Mirror, ours

from .conftest import Serve
from .jupyter import CLI, Server, until
from .notebook_page import SECOND, App, open_notebook
from .strangers import NAME, Made, arrived, banner, has_demo, jobs, no_other_kernel, one_kernel, press, write

pytestmark = pytest.mark.browser
BOTH = pytest.mark.parametrize("app", ["jupyterlab", "notebook"])


@BOTH
def test_a_build_goes_on_while_the_page_is_away(page: Page, serve: Serve, made: Made, index: LocalIndex, app: App):
    with serve(app, "reader") as server:
        write(server.root / NAME, made("demo"))
        index.faults["/files/demo_dep"] = "hang"
        notebook = arrived(page, server, app)
        press(notebook, "Build")
        until(lambda: any("/files/demo_dep" in hit for hit in index.hits))
        page.reload()
        expect(banner(notebook).get_by_role("button", name="Cancel")).to_be_visible(timeout=60 * SECOND)
        press(notebook, "Cancel")
        index.faults.clear()
        expect(banner(notebook).get_by_role("button", name="Build")).to_be_visible()
        press(notebook, "Build")
        page.goto("about:blank")
        until(lambda: server.environments() == 2)
        until(lambda: one_kernel(server)["execution_state"] in ("idle", "starting"))
        notebook = arrived(page, server, app)
        has_demo(notebook)
        no_other_kernel(server)


def test_two_tabs_see_one_build_and_get_one_kernel(page: Page, reader: Server, made: Made):
    write(reader.root / NAME, made("demo"))
    notebook = arrived(page, reader)
    other = open_notebook(page.context.new_page(), reader, "jupyterlab", f"{NAME}?reset")
    expect(banner(other)).to_be_visible()
    notebook.page.bring_to_front()
    press(notebook, "Build")
    for one in (notebook, other):
        one.page.bring_to_front()
        expect(banner(one)).to_have_count(0, timeout=60 * SECOND)
        expect(one.chip).to_contain_text("1 package")
    notebook.page.bring_to_front()
    has_demo(notebook)
    no_other_kernel(reader)


def test_the_first_cell_builds_it_after_a_question(page: Page, reader: Server, made: Made):
    write(reader.root / NAME, made("demo"), ("%env-build", ""), ("", ""))
    notebook = arrived(page, reader)
    notebook.cells.nth(0).locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    question = notebook.cells.nth(0).locator(".jp-Stdin")
    expect(question).to_contain_text("This notebook brings an environment")
    question.locator("input").fill("y")
    page.keyboard.press("Enter")
    has_demo(notebook)


def test_a_terminal_builds_it_for_the_page(page: Page, reader: Server, made: Made):
    write(reader.root / NAME, made("demo"))
    notebook = arrived(page, reader)
    expect(banner(notebook)).to_be_visible()
    subprocess.run([sys.executable, CLI, "build", reader.root / NAME, "--accept"], env=dict(reader.environ), check=True)
    has_demo(notebook)
    no_other_kernel(reader)


def test_a_culled_stand_in_comes_back_as_the_real_kernel(page: Page, reader: Server, made: Made):
    write(reader.root / NAME, made("demo"))
    notebook = arrived(page, reader)
    expect(banner(notebook)).to_be_visible()
    reader.api("DELETE", f"api/kernels/{one_kernel(reader)['id']}")
    subprocess.run([sys.executable, CLI, "build", reader.root / NAME, "--accept"], env=dict(reader.environ), check=True)
    notebook.reload()
    has_demo(notebook)


def test_run_all_over_a_first_cell_that_would_build_asks_and_loses_nothing(page: Page, reader: Server, made: Made):
    write(reader.root / NAME, made("demo"), ("%env-build", ""), ("import demo", "kept"), ("1/0", "this too"))
    notebook = arrived(page, reader)
    expect(banner(notebook)).to_be_visible()
    notebook.menu("Run", "Run All Cells")
    question = notebook.cells.nth(0).locator(".jp-Stdin")
    expect(question).to_contain_text("This notebook brings an environment")
    question.locator("input").fill("")
    page.keyboard.press("Enter")
    expect(notebook.cells.nth(0)).to_contain_text("The environment has not changed.")
    expect(notebook.cells.nth(1)).to_contain_text("kept")
    expect(notebook.cells.nth(2)).to_contain_text("this too")
    assert reader.environments() == 1


def test_a_lock_without_a_file_for_this_machine_is_made_anew(page: Page, reader: Server, made: Made):
    block = made("demo")
    for package in block["lock"]["packages"]:
        if package["name"] == "demo":
            (file,) = package["wheels"].values()
            package["wheels"] = {"demo-2.0-cp39-cp39-win_arm64.whl": file}
    write(reader.root / NAME, block)
    notebook = arrived(page, reader)
    expect(banner(notebook)).to_contain_text("The lock has no file of demo 2.0")
    press(notebook, "Lock for this machine")
    notebook.dialog().get_by_role("button", name="Build", exact=True).click()
    has_demo(notebook)


def test_a_python_that_is_not_here_is_replaced_by_the_nearest(
    page: Page, serve: Serve, made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    block = made("demo")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "nothing"))
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    block["requires-python"] = "==3.99.*"
    block["lock"]["requires-python"] = "==3.99.*"
    block["lock"]["spec"] = parse_block(block).spec.digest
    with serve("jupyterlab", "reader") as server:
        write(server.root / NAME, block)
        notebook = arrived(page, server)
        expect(banner(notebook)).to_contain_text("This notebook needs Python 3.99. Installed here:")
        press(notebook, f"Lock for Python 3.{sys.version_info.minor}")
        notebook.dialog().get_by_role("button", name="Build", exact=True).click()
        has_demo(notebook)


def test_a_python_that_is_not_here_is_fetched_after_a_yes(
    page: Page, serve: Serve, made: Made, mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    block, version = made("demo"), ours().version
    monkeypatch.setenv("PYTHONPATH", str(HIDDEN))
    monkeypatch.setenv("JUPYTER_ENVS_HIDE", str(tmp_path / "hide"))
    with serve("jupyterlab", "reader") as server:
        write(server.root / NAME, block)
        (tmp_path / "hide").touch()
        notebook = arrived(page, server)
        expect(banner(notebook)).to_contain_text(f"Python {version} can be downloaded from {mirror.source}")
        press(notebook, f"Download Python {version} and build…")
        dialog = notebook.dialog()
        expect(dialog).to_contain_text(
            f"Python {version} is not installed here: it will be downloaded from {mirror.source}"
        )
        assert not (server.home / "pythons").exists()
        dialog.get_by_role("button", name=f"Download Python {version} and build", exact=True).click()
        has_demo(notebook)
        notebook.shows("import sys; 'pythons' in sys.base_prefix", "True")


def test_a_stranger_cannot_press_the_button(page: Page, reader: Server, made: Made):
    """What notebook content can trigger opens our dialog, and takes no yes as an argument."""
    write(reader.root / NAME, made("demo"))
    notebook = arrived(page, reader)
    expect(banner(notebook)).to_be_visible()
    listed = "Object.fromEntries(window.jupyterapp.commands.listCommands().filter(c => c.startsWith('jupyter-envs:')).map(c => [c, 1]))"
    for command in page.evaluate(listed):
        for args in ({}, {"accept": "yes"}, {"digest": "yes", "answer": "build"}):
            page.evaluate("([c, a]) => { void window.jupyterapp.commands.execute(c, a); }", [command, args])
            page.wait_for_timeout(300)
            page.keyboard.press("Enter")
            page.keyboard.press("Escape")
    expect(notebook.dialog()).to_have_count(0)
    assert (jobs(reader), reader.environments()) == ([], 1)
