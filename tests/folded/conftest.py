from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envs.machine import interpreters
from jupyter_envs.machine.interpreters import Interpreter
from jupyter_envs.settings import Settings

from .bench import Bench

MODES = ("links", "hardlink", "copy")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture(params=MODES)
def each_mode(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return Bench(tmp_path, request.param)


@pytest.fixture
def pythons(settings: Settings) -> dict[str, Interpreter]:
    """Minor -> one of that version on this machine."""
    return {found.minor: found for found in interpreters.discover(settings)}
