"""A notebook that brings the list of another tool: the panel offers it, and one click and a yes take it over."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from tests.dialects.notebooks import SCRIPT, content

from .conftest import Serve
from .jupyter import until
from .notebook_page import SECOND, App, open_notebook

pytestmark = pytest.mark.browser
NAME = "a.ipynb"


@pytest.mark.parametrize("app", ["jupyterlab", "notebook"])
def test_a_list_is_used_after_a_click_and_a_yes(page: Page, serve: Serve, app: App):
    spec = {"name": "jupyter-envs", "display_name": "jupyter-envs", "language": "python"}
    with serve(app, "one") as server:
        place = server.root / NAME
        place.write_text(json.dumps(content(SCRIPT, "", kernelspec=spec)))
        before = place.read_bytes()
        notebook = open_notebook(page, server, app, NAME)
        notebook.open_panel()
        expect(notebook.panel).to_contain_text("juv: 2 packages", timeout=60 * SECOND)
        assert place.read_bytes() == before
        notebook.panel.get_by_role("button", name="Use it").click()
        expect(notebook.dialog()).to_contain_text("demo", timeout=60 * SECOND)
        notebook.dialog().get_by_role("button", name="Build", exact=True).click()
        expect(notebook.panel).to_contain_text("Ready", timeout=60 * SECOND)
        expect(notebook.panel.get_by_role("button", name="Use it")).to_have_count(0)
        notebook.shows("import demo, shout; demo.__version__", "'1.0'")
        notebook.save()
        until(lambda: (server.block(NAME) or {}).get("dependencies") == ["demo<2", "shout"])
