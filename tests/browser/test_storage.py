"""The environments of the machine, as somebody sees and cleans them in the browser."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from jupyter_envs.settings import Settings
from tests.stores import environment_id, publish

from .conftest import Serve
from .notebook_page import App, open_notebook
from .test_panel import NAME, write

pytestmark = pytest.mark.browser
DAY = 24 * 3600
OLD, YOUNG = environment_id(1), environment_id(2)


@pytest.mark.parametrize("app", ["jupyterlab", "notebook"])
def test_what_runs_stays_what_is_not_wanted_goes(page: Page, serve: Serve, app: App):
    with serve(app, "one") as server:
        settings = Settings(home=server.home, store=server.home / "store")
        publish(settings, OLD, at=time.time() - 100 * DAY, own=2_000_000, shared=512_000_000)
        publish(settings, YOUNG, at=time.time() - 3 * DAY)
        write(server.root / NAME)
        notebook = open_notebook(page, server, app, NAME)
        notebook.open_panel().get_by_role("button", name="Environments on this machine…").click()
        rows = notebook.dialog().get_by_role("listitem")
        expect(rows).to_have_count(3)
        running = rows.filter(has_text="running")
        expect(running).to_contain_text(NAME)
        expect(running.get_by_role("button")).to_be_disabled()
        expect(rows.last).to_contain_text("2.0 MB of its own, 512 MB shared")

        notebook.dialog().get_by_role("button", name="Clean up…").press("Enter")
        offer = notebook.dialog().get_by_label("What would be deleted")
        expect(offer).to_contain_text(re.compile(r"Nothing has used these for 30 days: 1 environment.* MB\."))
        expect(rows.last).to_have_class("jp-mod-going")
        offer.get_by_role("button", name="Clean").click()
        expect(notebook.dialog().get_by_role("status")).to_contain_text("Freed: 1 environment")
        expect(rows).to_have_count(2)

        rows.last.get_by_role("button", name=re.compile("Delete the environment")).click()
        rows.last.get_by_role("button", name="Delete", exact=True).click()
        expect(rows).to_have_count(1)
        notebook.dialog().get_by_role("button", name="Close").click()
        expect(notebook.dialog()).to_have_count(0)
        notebook.shows("1 + 1", "2")
