"""A home of the benchmarks' own, kept between runs so that downloads are made once, and the command line in it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jupyter_envs
from jupyter_envs.engines.uv.builder import requirement_line
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.machine import interpreters
from jupyter_envs.model.block import Block
from jupyter_envs.model.lock import Lock
from jupyter_envs.notebook import NotebookFile
from jupyter_envs.settings import Settings
from jupyter_envs.system.removal import delete

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "build" / "benchmarks"
CLI = [sys.executable, str(Path(jupyter_envs.__file__).with_name("__main__.py"))]
BIG = ("pandas", "matplotlib", "scikit-learn")
IMPORT = "import pandas, matplotlib, sklearn"
EMPTY: dict[str, Any] = {
    "cells": [],
    "metadata": {"kernelspec": {"name": "jupyter-envs", "display_name": "Python", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
STRANGERS = ("JUPYTER_ENVS_", "JPY_", "UV_PYTHON", "UV_PROJECT", "UV_CACHE_DIR", "VIRTUAL_ENV", "PYTHON")


def settle() -> None:
    """This process, and all that it starts, in that home."""
    PLACE.mkdir(parents=True, exist_ok=True)
    # With PYTHONDONTWRITEBYTECODE, each start would compile every module again.
    for name in [name for name in os.environ if name.startswith(STRANGERS)]:
        del os.environ[name]
    os.environ["JUPYTER_ENVS_HOME"] = str(PLACE / "home")


@contextmanager
def another_home(path: Path) -> Iterator[Path]:
    """An empty home, for this process and all that it starts; gone afterwards."""
    before = os.environ["JUPYTER_ENVS_HOME"]
    clear(path)
    os.environ["JUPYTER_ENVS_HOME"] = str(path)
    try:
        yield path
    finally:
        os.environ["JUPYTER_ENVS_HOME"] = before
        clear(path)


def put_aside(path: Path) -> None:
    """Out of the way, to be deleted once all is measured: ext4 is slow to make files for a minute after many were
    deleted, since it searches for inodes that were not in use lately."""
    if path.exists():
        path.chmod(0o700)
        (PLACE / "aside").mkdir(exist_ok=True)
        path.rename(PLACE / "aside" / secrets.token_hex(8))


def delete_aside() -> None:
    clear(PLACE / "aside")


def clear(path: Path) -> None:
    """Also what the store has made unchangeable."""
    if path.exists():
        delete(path)


def notebook(name: str) -> Path:
    """An empty one, without a block."""
    path = PLACE / f"{name}.ipynb"
    path.write_text(json.dumps(EMPTY), encoding="utf-8")
    return path


def big_notebook() -> Path:
    """One that has BIG, locked and built; its wheels are compiled."""
    path = PLACE / "big.ipynb"
    if not path.exists():
        cli("install", notebook("new"), *BIG)
        shutil.move(PLACE / "new.ipynb", path)
    cli("build", path)
    cli("finish")
    return path


def block_of(path: Path) -> Block:
    block = NotebookFile.read(path).block
    assert block
    return block


def lock_of(block: Block) -> Lock:
    assert block.lock
    return block.lock


def requirements(path: Path) -> Path:
    """The notebook's lock, as uv and pip take it."""
    rooms = Environments(Settings.load())
    rows = rooms.here.closure(lock_of(block_of(path))).rows
    file = path.with_suffix(".txt")
    file.write_text("".join(f"{requirement_line(row, None)}\n" for row in rows), encoding="utf-8")
    return file


def base_python() -> Path:
    """The interpreter that the notebooks get."""
    return interpreters.choose(None, Settings.load()).path


def cli(*words: str | Path, stdin: str = "", env: dict[str, str] | None = None) -> str:
    """stdout of `jupyter envs words`. Raises RuntimeError with its stderr."""
    more = {**os.environ, **(env or {})}
    done = subprocess.run([*CLI, *words], input=stdin, capture_output=True, text=True, check=False, env=more)
    if done.returncode:
        raise RuntimeError(f"jupyter envs {' '.join(map(str, words))}: {done.stderr}{done.stdout}")
    return done.stdout


def result(journal: str) -> dict[str, Any]:
    """What the last line of a journal tells."""
    last: dict[str, Any] = json.loads(journal.splitlines()[-1])["result"]
    return last


def unmake(environment_id: str) -> None:
    """Takes an environment away without deleting anything now; what was downloaded for it stays."""
    shelf = Environments(Settings.load()).here.store.own
    shelf.unpublish(environment_id)
    put_aside(shelf.environments / environment_id)
