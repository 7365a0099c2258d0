"""What the command line costs before it does anything."""

from __future__ import annotations

import subprocess
import sys

from .measure import Result, paired, timed
from .place import cli, notebook


def run(rounds: int) -> list[Result]:
    path = notebook("status")
    ours, theirs = paired(lambda: timed(lambda: cli("--version")), python, rounds * 2)
    status, _ = paired(lambda: timed(lambda: cli("status", path)), python, rounds * 2)
    return [
        Result("jupyter envs --version", ours, goal=0.1, aim=0.04),
        Result("jupyter envs status", status, goal=0.1),
        Result("python -c pass", theirs),
    ]


def python() -> float:
    return timed(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True))
