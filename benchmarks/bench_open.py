"""Opening a notebook whose environment exists, until its first cell has answered."""

from __future__ import annotations

import json
import time
from contextlib import AbstractContextManager
from pathlib import Path

from .kernels import Talk, bare, provisioned
from .measure import Result, paired
from .place import BIG, PLACE, cli, notebook


def run(rounds: int) -> list[Result]:
    path = notebook("open")
    cli("install", path, *BIG)
    python = Path(json.loads(cli("status", "--json", path))["environment"]["python"])
    ours, theirs = paired(
        lambda: until_answer(provisioned(path)), lambda: until_answer(bare(python, PLACE)), rounds
    )
    return [Result("open a notebook", ours, theirs, "python -m ipykernel_launcher", 1.1)]


def until_answer(start: AbstractContextManager[Talk]) -> float:
    started = time.perf_counter()
    with start as talk:
        talk.execute("1 + 1")
        return time.perf_counter() - started
