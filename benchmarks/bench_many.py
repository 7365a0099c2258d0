"""A hundred notebooks that have much in common: BIG each, and two small packages that no other has. Inside one process,
as a server opens them."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from jupyter_envs.environments.instant import make_at_once
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.machine.indexes.load import PYPI
from jupyter_envs.model.block import Block
from jupyter_envs.model.lock import File, Package
from jupyter_envs.model.options import Options
from jupyter_envs.settings import Settings
from jupyter_envs.store.wheel.wheels import identity_of
from jupyter_envs.system.removal import delete
from tests.wheels import Dist, wheel

from .bench_cold import only
from .bench_open import compiled
from .measure import Result, timed
from .place import PLACE, big_notebook, block_of, clear, lock_of, unmake
from .rivals import Uv
from .wheelhouse import index, served

MANY = 100
FEW = 5
"""Environments of plain uv: each takes half a second, and every further one as long."""
YES = Options(accept="yes")
NAME = f"{MANY} notebooks"
UV = f"uv venv + uv pip sync, {FEW} times (x {MANY // FEW})"


def run(rounds: int) -> list[Result]:
    notebook = big_notebook()
    floor = compiled(notebook)
    folder = PLACE / "small-wheels"
    clear(folder)
    version = f"1.{secrets.randbelow(10**9)}"
    pairs = [[wheel(f"small-{side}-{number}", version) for side in "ab"] for number in range(MANY)]
    for dist in [dist for pair in pairs for dist in pair]:
        dist.write(folder / "files")
    index(folder)
    with served(folder) as url, only(url):
        blocks = [with_two(block_of(notebook), pair) for pair in pairs]
        rooms = Environments(Settings.load())
        try:
            both = {"UV_DEFAULT_INDEX": PYPI, **floor.index, "UV_INDEX": f"{url} {floor.index.get('UV_INDEX', '')}"}
            return _measured(rooms, blocks, replace(floor, folder=PLACE / "many", index=both), pairs)
        finally:
            for block in blocks:
                _forget(rooms, block)


def _measured(rooms: Environments, blocks: Sequence[Block], uv: Uv, pairs: Sequence[Sequence[Dist]]) -> list[Result]:
    fetched = timed(lambda: [rooms.build(block, options=YES) for block in blocks])
    ids = [rooms.here.closure(lock_of(block)).id for block in blocks]
    for environment_id in ids:
        unmake(environment_id)
    here = timed(lambda: [make_at_once(block, rooms.here) for block in blocks])
    folders = [rooms.here.store.own.environments / environment_id for environment_id in ids]
    ours = sum(megabytes(folder) for folder in folders) / MANY
    theirs, size = _plain(uv, pairs[:FEW])
    return [
        Result(f"{NAME}: environments", (here,), (theirs,), UV),
        Result(f"{NAME}: environments", (here,), goal=10.0, aim=5.0),
        Result(
            f"{NAME}: environments, the two small packages fetched from this machine", (fetched,), goal=10.0, aim=5.0
        ),
        Result(f"{NAME}: disk of each", (ours,), (size,), UV, unit="MB"),
        Result(f"{NAME}: disk of each", (ours,), goal=1.0, aim=0.3, unit="MB"),
    ]


def _plain(uv: Uv, pairs: Sequence[Sequence[Dist]]) -> tuple[float, float]:
    """Seconds for MANY, megabytes of one; the small packages are in uv's cache."""
    big = uv.locked.read_text("utf-8")
    seconds, size = 0.0, 0.0
    for warm in (True, False):
        seconds = 0.0
        for pair in pairs:
            uv.clear()
            locked = uv.folder / "locked.txt"
            locked.write_text(
                big + "".join(f"{d.name}=={d.version} --hash=sha256:{d.sha256}\n" for d in pair), encoding="utf-8"
            )
            one = replace(uv, locked=locked)
            seconds += 0.0 if warm else timed(one.make)
            if warm:
                one.make()
        size = megabytes(uv.folder / ".venv")
    uv.clear()
    return seconds * MANY / len(pairs), size


def with_two(block: Block, pair: Sequence[Dist]) -> Block:
    """A notebook's block, locked."""
    rows = [Package(d.name, d.version, wheels={d.filename: File(sha256=d.sha256, size=d.size)}) for d in pair]
    needs = (*block.dependencies, *(dist.name for dist in pair))
    spec = msgspec.structs.replace(block.spec, dependencies=needs)
    assert block.lock
    packages = tuple(sorted((*block.lock.packages, *rows), key=lambda row: row.name))
    lock = msgspec.structs.replace(block.lock, packages=packages, spec=spec.digest)
    return msgspec.structs.replace(block, dependencies=needs, lock=lock)


def megabytes(folder: Path) -> float:
    """What a tree takes beside files that have another name elsewhere."""
    total = 0
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            status = os.lstat(os.path.join(place, name))  # noqa: PTH118
            if status.st_nlink == 1 or stat.S_ISDIR(status.st_mode):
                total += status.st_blocks * 512
    return total / 1e6


def _forget(rooms: Environments, block: Block) -> None:
    closure = rooms.here.closure(lock_of(block))
    rooms.here.store.remove(closure.id)
    for row in closure.rows:
        if row.name.startswith("small-"):
            delete(rooms.here.store.own.wheels.root / identity_of(row, closure.interpreter)[:16])
