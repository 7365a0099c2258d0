"""A notebook whose environment has to be made, of wheels that are here: until its first cell has answered, and until
its imports have."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.settings import Settings

from .bench_open import compiled
from .kernels import Talk, provisioned, ready_and_import
from .measure import Missing, Result, Side, together
from .place import IMPORT, PLACE, big_notebook, block_of, lock_of, unmake
from .rivals import Juv, Pip, Uv

NAME = "wheels here, environment new → kernel ready"
IMPORTS = f"… and `{IMPORT}` right after"
PLAIN = "uv venv + uv pip sync + kernel"
BARE = "bare ipykernel"


def run(rounds: int) -> list[Result | Missing]:
    notebook = big_notebook()
    floor = compiled(notebook)
    uv = Uv(PLACE / "uv", floor.cache, floor.python, floor.locked, floor.index)
    uv.clear()
    pip = Pip(PLACE / "pip", PLACE / "pip-cache", floor.python, floor.locked)
    juv = Juv(uv)
    environment = Environments(Settings.load()).here.closure(lock_of(block_of(notebook))).id
    sides = {
        "here": Side(lambda: after(lambda: unmake(environment), lambda: provisioned(notebook))),
        BARE: Side(lambda: ready_and_import(floor.kernel())),
        PLAIN: Side(lambda: made(uv.clear, uv.make, uv.kernel), at_most=max(3, rounds // 2)),
        "uv run --with": Side(lambda: after(uv.clear_cached_environments, uv.run_with), at_most=3),
        "pip + venv": Side(lambda: made(_nothing, pip.make, pip.kernel), at_most=1),
    }
    if not juv.why_not:
        sides["juv run"] = Side(lambda: after(uv.clear_cached_environments, juv.kernel), at_most=2)
    found = together(sides, rounds)
    (ours, imported), rivals = found["here"], [name for name in sides if name not in ("here", BARE)]
    rows: list[Result | Missing] = [Result(NAME, ours, found[BARE][0], BARE, 1.2, 1.05)]
    rows += [Result(NAME, ours, found[name][0], name, 0.25 if name == PLAIN else None) for name in rivals]
    rows += [Result(IMPORTS, imported, found[BARE][1], f"{BARE}, compiled", 1.2, 1.05)]
    rows += [Result(IMPORTS, imported, found[name][1], name) for name in rivals]
    return rows + ([Missing(NAME, "juv run", juv.why_not)] if juv.why_not else [])


def after(prepare: Callable[[], None], kernel: Callable[[], AbstractContextManager[Talk]]) -> tuple[float, float]:
    prepare()
    return ready_and_import(kernel())


def made(
    prepare: Callable[[], None], make: Callable[[], None], kernel: Callable[[], AbstractContextManager[Talk]]
) -> tuple[float, float]:
    """What making it costs is part of the first figure."""
    prepare()
    started = time.perf_counter()
    make()
    return ready_and_import(kernel(), started)


def _nothing() -> None:
    """`python -m venv` needs an empty folder, which is part of it."""
