"""Under the traceback of an import that failed stands the package that brings the module."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_envs.kernel.missing import origin, register


class Events:
    def register(self, event: str, call: Any) -> None:
        assert event == "post_run_cell"
        self.call = call


def after(error: BaseException | None) -> None:
    """What stands under a cell of a kernel that has all that its notebook asks for."""
    events = Events()
    session: Any = SimpleNamespace(
        context=SimpleNamespace(without=False, environment=None), view=SimpleNamespace(environment=None, restart="")
    )
    register(SimpleNamespace(events=events), session)
    events.call(SimpleNamespace(error_in_exec=error))


@pytest.mark.parametrize(
    ("module", "says"),
    [
        ("skimage", "skimage comes from the package scikit-image.\nhint: to install it, in a cell of its own:  %env-install scikit-image\n"),
        ("Bio.SeqIO", "Bio comes from the package biopython."),
        ("google.cloud.storage", "google.cloud.storage comes from the package google-cloud-storage."),
        ("geopandas", "geopandas is not in this environment.\nhint: "),
        ("my_functions", ""),
        ("pytest.nothing_there", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_the_package_of_a_module(module: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    after(ModuleNotFoundError(f"No module named {module!r}", name=module))
    said = capsys.readouterr().err
    assert said.startswith(says) if says else said == ""
    assert not says or "%env-install" in said


def test_other_errors_are_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    for error in (None, ImportError("cannot import name 'x' from 'bs4'", name="bs4"), ValueError("bs4")):
        after(error)
    assert capsys.readouterr().err == ""
    assert origin("os.nothing") == ""
