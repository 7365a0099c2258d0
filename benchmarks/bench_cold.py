"""Nothing is here yet: no environment, no wheel, nothing cached. From the index that is configured, and from one on
this machine, so that the network is no part of it."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

from .bench_open import compiled
from .kernels import Talk, provisioned, ready_and_import
from .measure import Missing, Result, Side, together
from .place import PLACE, another_home, big_notebook, clear, cli
from .rivals import Juv, Pip, Uv
from .wheelhouse import downloaded, served

NAME = "nothing cached → kernel ready"
PLAIN = "uv venv + uv pip sync + kernel"
FEW = 3
"""Rounds: each fetches a hundred megabytes, for each side."""
CONFIGURATION = re.compile(r"UV_(DEFAULT_|EXTRA_)?INDEX(_URL)?|UV_FIND_LINKS|PIP_(EXTRA_)?INDEX_URL|PIP_FIND_LINKS")


def run(rounds: int) -> list[Result | Missing]:
    rounds = min(rounds, FEW)
    notebook = big_notebook()
    floor = compiled(notebook)
    uv = Uv(PLACE / "uv", PLACE / "cold-cache", floor.python, floor.locked, floor.index)
    pip = Pip(PLACE / "pip", PLACE / "cold-cache", floor.python, floor.locked)
    juv = Juv(floor)
    rows = _network(notebook, uv, pip, juv, rounds)
    downloaded(replace(pip, python=Path(sys.executable)), PLACE / "wheelhouse")
    with served(PLACE / "wheelhouse") as url, only(url):
        local = replace(uv, index={"UV_DEFAULT_INDEX": f"local={url}"})
        sides = {"here": Side(lambda: here(notebook)), PLAIN: Side(lambda: there(local, local.make, local.kernel))}
        found = together(sides, rounds)
    name = f"{NAME}; the index is on this machine"
    return [*rows, Result(name, found["here"][0], found[PLAIN][0], PLAIN, 1.2, 1.05)]


def _network(notebook: Path, uv: Uv, pip: Pip, juv: Juv, rounds: int) -> list[Result | Missing]:
    sides = {
        "here": Side(lambda: here(notebook)),
        PLAIN: Side(lambda: there(uv, uv.make, uv.kernel)),
        "uv run --with": Side(lambda: there(uv, _nothing, uv.run_with), at_most=1),
        "pip + venv": Side(lambda: there(uv, pip.make, pip.kernel), at_most=1),
    }
    cold = Juv(uv)
    if not juv.why_not:
        sides["juv run"] = Side(lambda: there(uv, _nothing, cold.kernel), at_most=1)
    found = together(sides, rounds)
    ours = found["here"][0]
    rows: list[Result | Missing] = [Result(NAME, ours, found[PLAIN][0], PLAIN, 1.2, 1.05)]
    rows += [Result(NAME, ours, found[name][0], name) for name in [*sides][2:]]
    return rows + ([Missing(NAME, "juv run", juv.why_not)] if juv.why_not else [])


def here(notebook: Path) -> tuple[float, float]:
    """As with a notebook of somebody else's: consent, the build, the kernel."""
    with another_home(PLACE / "cold-home"):
        started = time.perf_counter()
        cli("build", notebook, "--accept")
        return ready_and_import(provisioned(notebook), started)


def there(uv: Uv, make: Callable[[], None], kernel: Callable[[], AbstractContextManager[Talk]]) -> tuple[float, float]:
    uv.clear()
    clear(uv.cache)
    started = time.perf_counter()
    make()
    return ready_and_import(kernel(), started)


@contextmanager
def only(url: str) -> Iterator[None]:
    """No other index is asked, by this process and all that it starts."""
    before = dict(os.environ)
    for name in [name for name in os.environ if CONFIGURATION.fullmatch(name)]:
        del os.environ[name]
    os.environ |= {"UV_DEFAULT_INDEX": f"local={url}", "PIP_CONFIG_FILE": os.devnull}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before


def _nothing() -> None:
    """All of it is the kernel's start."""
