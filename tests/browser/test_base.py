"""The environment that notebooks without a block share, where it is not there when somebody opens one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.local_index import LocalIndex

from .conftest import Serve
from .jupyter import Server, until
from .notebook_page import SECOND, NotebookPage
from .strangers import NAME, arrived, banner, no_other_kernel, write

pytestmark = pytest.mark.browser
JOBS = "jupyter-envs/api/v1/jobs"


@pytest.fixture
def server(serve: Serve, index: LocalIndex) -> Iterator[Server]:
    """It could not build the base environment when it started."""
    index.faults["/simple/ipykernel"] = "404"
    with serve("jupyterlab", "first", base=False) as server:
        until(lambda: [job["state"] for job in server.api("GET", JOBS)["jobs"]] == ["failed"])
        index.faults.clear()
        yield server


def in_banner(notebook: NotebookPage) -> Locator:
    return banner(notebook)


def in_panel(notebook: NotebookPage) -> Locator:
    return notebook.open_panel()


@pytest.mark.parametrize("place", [in_banner, in_panel])
def test_its_button_builds_it(page: Page, server: Server, place):
    write(server.root / NAME, None)
    before = (server.root / NAME).read_bytes()
    notebook = arrived(page, server)
    expect(banner(notebook)).to_contain_text("is not built yet")
    place(notebook).get_by_role("button", name="Build", exact=True).click()
    expect(banner(notebook)).to_have_count(0, timeout=60 * SECOND)
    notebook.ready()
    notebook.shows("1 + 1", "2")
    no_other_kernel(server)
    assert {(job["action"], job["notebook"]) for job in server.api("GET", JOBS)["jobs"]} == {("build", None)}
    assert (server.root / NAME).read_bytes() == before, "nothing of it is the notebook's own"
