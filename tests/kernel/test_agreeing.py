"""The server, and with it panel, chip and status bar, says of a kernel what `%env-status` says in it, whatever was done in
a cell, in the panel, in a terminal or to the document, and in whatever order."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import jupyter_envs

SCRIPT = Path(__file__).with_name("agreeing.py")


@pytest.mark.parametrize("seed", range(8))
def test_server_and_kernel_agree_after_each_step(tmp_path: Path, seed: int) -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, tmp_path, str(seed)],
        env={"PYTHONPATH": str(Path(jupyter_envs.__file__).parents[1]), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
