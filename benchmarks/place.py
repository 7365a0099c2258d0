"""A home of the benchmarks' own, kept between runs so that downloads are made once, and the command line in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jupyter_envs
from jupyter_envs.environments import Environments
from jupyter_envs.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "build" / "benchmarks"
CLI = [sys.executable, str(Path(jupyter_envs.__file__).with_name("__main__.py"))]
BIG = ("pandas", "matplotlib", "scikit-learn")
EMPTY: dict[str, Any] = {
    "cells": [],
    "metadata": {"kernelspec": {"name": "jupyter-envs", "display_name": "Python", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def settle() -> None:
    """This process, and all that it starts, in that home."""
    PLACE.mkdir(parents=True, exist_ok=True)
    os.environ["JUPYTER_ENVS_HOME"] = str(PLACE / "home")
    for name in ("JUPYTER_ENVS_STORE", "JPY_SESSION_NAME", "JUPYTER_ENVS_CONSENT"):
        os.environ.pop(name, None)
    # Without it, each start would compile every module again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def notebook(name: str) -> Path:
    """An empty one, without a block."""
    path = PLACE / f"{name}.ipynb"
    path.write_text(json.dumps(EMPTY), encoding="utf-8")
    return path


def cli(*words: str | Path, stdin: str = "") -> str:
    """stdout of `jupyter envs words`. Raises RuntimeError with its stderr."""
    done = subprocess.run([*CLI, *words], input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"jupyter envs {' '.join(map(str, words))}: {done.stderr}{done.stdout}")
    return done.stdout


def result(journal: str) -> dict[str, Any]:
    """What the last line of a journal tells."""
    last: dict[str, Any] = json.loads(journal.splitlines()[-1])["result"]
    return last


def forget(environment_id: str) -> None:
    """Deletes an environment; what was downloaded for it stays."""
    Environments(Settings.load()).store.remove(environment_id)
