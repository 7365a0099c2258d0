"""A store with a thousand environments: how long the list takes, and finding out what could go. Inside one process."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import msgspec.structs

from jupyter_envs.environments.cleaning import clean
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.machine.interpreters import signature
from jupyter_envs.model.environment import python_of
from jupyter_envs.settings import Settings
from jupyter_envs.store import uses
from jupyter_envs.store.shelf import Base, Pointer, Shelf

from .measure import Result, timed
from .place import PLACE

MANY = 1000
PACKAGES = 45
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def run(rounds: int) -> list[Result]:
    folder = PLACE / "thousand"
    shutil.rmtree(folder, ignore_errors=True)
    settings = msgspec.structs.replace(Settings.load(), home=folder / "home", store=folder / "store")
    fill(settings)
    rooms = Environments(settings)
    listed = [timed(lambda: len(rooms.list())) for _ in range(rounds + 1)]
    marked = [timed(lambda: clean(rooms.here, 30, dry_run=True)) for _ in range(rounds + 1)]
    shutil.rmtree(folder)
    return [
        Result(f"list {MANY} environments", tuple(listed[1:]), goal=0.05, aim=0.01),
        Result(f"find what could go of {MANY}", tuple(marked[1:]), goal=0.2, aim=0.1),
    ]


def fill(settings: Settings) -> None:
    """What a build leaves of an environment but for its files: pointer, lease, link to Python, and one use."""
    shelf = Shelf(settings.store / "v1")
    shelf.ready()
    python = Path(sys.executable).resolve()
    base = Base(str(python), sys.version.split()[0], list(signature(python) or ()))
    common = {f"package-{number}": "1.0" for number in range(PACKAGES)}
    for number in range(MANY):
        name = "".join(ALPHABET[number // 32**place % 32] for place in range(26))
        there = shelf.environments / name
        program = python_of(there / "b-00000001")
        program.parent.mkdir(parents=True)
        program.symlink_to(python)
        places = tuple(f"{index:016d}/00000001" for index in range(PACKAGES))
        now = time.time()
        pointer = Pointer("b-00000001", name, base, common, "", now, places, 300_000, 500_000_000)
        (there / "current.json").write_bytes(msgspec.json.encode(pointer))
        (there / "lease").touch()
        uses.remember(settings.home, name, f"/notebooks/{number}.ipynb", now)
