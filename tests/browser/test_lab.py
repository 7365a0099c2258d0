"""JupyterLab, as somebody uses it."""

from __future__ import annotations

import pytest

from . import journey

pytestmark = pytest.mark.browser


def test_a_notebook_carries_its_environment_to_another_machine(page, serve):
    journey.whole_way(page, serve, "jupyterlab")
