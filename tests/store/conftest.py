from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from jupyter_envs.machine.interpreters import Interpreter

from ..fakes import HERE

Rounds = Callable[[int, int], int]


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> Rounds:
    """How often: the first number, or the second one with `--all`."""
    return lambda few, many: many if request.config.getoption("--all") else few


@pytest.fixture
def root() -> None:
    """For what only root may do: mounting, becoming somebody else."""
    if os.name != "posix" or os.getuid() != 0:
        pytest.skip("needs root")


@pytest.fixture
def unstartable(tmp_path: Path) -> Interpreter:
    """A Python that nothing is compiled with, which would take most of the time where hundreds are built."""
    path = tmp_path / "python"
    path.touch()
    return replace(HERE, path=path)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder, on no disk where there is one: this makes thousands of files."""
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if os.access(shm, os.W_OK) else tmp_path) as folder:
        yield Path(folder)
