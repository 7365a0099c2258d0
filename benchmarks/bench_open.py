"""Opening a notebook whose environment exists, until its first cell has answered."""

from __future__ import annotations

from pathlib import Path

from .kernels import provisioned, ready
from .measure import Missing, Result, Side, together
from .place import PLACE, base_python, big_notebook, requirements
from .rivals import Juv, Uv, indexes

NAME = "environment exists → kernel ready"
FEW = 3


def run(rounds: int) -> list[Result | Missing]:
    notebook = big_notebook()
    floor = compiled(notebook)
    uv = Uv(PLACE / "uv-run", floor.cache, floor.python, floor.locked, floor.index)
    uv.folder.mkdir(exist_ok=True)
    juv = Juv(uv)
    sides = {
        "here": Side(lambda: ready(provisioned(notebook))),
        "bare ipykernel": Side(lambda: ready(floor.kernel())),
        "uv run --with": Side(lambda: ready(uv.run_with()), at_most=FEW),
    }
    if not juv.why_not:
        sides["juv run"] = Side(lambda: ready(juv.kernel()), at_most=FEW)
    found = together(sides, rounds)
    ours = found["here"][0]
    rows: list[Result | Missing] = [Result(NAME, ours, found["bare ipykernel"][0], "bare ipykernel", 1.05, 1.0)]
    rows += [Result(NAME, ours, found[rival][0], rival) for rival in [*sides][2:]]
    return rows + ([Missing(NAME, "juv run", juv.why_not)] if juv.why_not else [])


def compiled(notebook: Path) -> Uv:
    """A plain environment with the same files, made by uv, its modules compiled: what bare ipykernel runs in."""
    uv = Uv(PLACE / "floor", PLACE / "uv-cache", base_python(), requirements(notebook), indexes())
    made_of = uv.folder / "made-of.txt"
    wanted = uv.locked.read_text("utf-8")
    if not made_of.exists() or made_of.read_text("utf-8") != wanted:
        uv.clear()
        uv.make("--compile-bytecode")
        made_of.write_text(wanted, encoding="utf-8")
    return uv
