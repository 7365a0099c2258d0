"""`%env-install` in a running kernel, with the wheels in the store, until the cell has answered; and locking alone."""

from __future__ import annotations

import json
import time

from jupyter_envs.dialects.pip_arguments import parse
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.model.options import Options
from jupyter_envs.settings import Settings

from .kernels import Talk, provisioned
from .measure import Result, timed
from .place import BIG, cli, notebook, unmake

TYPING = 2.0
"""Seconds between `%env-` and the rest of the line."""
GOALS = {"six": (0.15, 0.06), "pandas": (0.4, 0.25)}


def run(rounds: int) -> list[Result]:
    cli("build", "--block", "-", stdin="null")  # the base environment
    results = []
    for name, (must, aim) in GOALS.items():
        typed = [install(name, typed=True) for _ in range(rounds + 1)]
        unforeseen = [install(name, typed=False) for _ in range(rounds + 1)]
        results += [
            Result(f"%env-install {name}, typed by somebody", tuple(typed[1:]), goal=must, aim=aim),
            Result(f"%env-install {name}, in a kernel that nobody sees", tuple(unforeseen[1:])),
        ]
    lock()
    locked = tuple(timed(lock) for _ in range(rounds))
    return [*results, Result(f"lock {' '.join(BIG)}", locked, goal=0.1, aim=0.04)]


def install(name: str, *, typed: bool) -> float:
    """Seconds. Its environment is not there yet, only its wheels are."""
    path = notebook(f"install-{name}")
    for environment in json.loads(cli("list", "--json"))["environments"]:
        if name in environment["packages"] and not environment.get("running"):
            unmake(environment["id"])
    with provisioned(path) as talk:
        talk.execute("1 + 1")
        if typed:
            complete(talk, "%env-in")
            time.sleep(TYPING)
        seconds = talk.execute(f"%env-install {name}")
        talk.execute(f"import {name}")
    return seconds


def complete(talk: Talk, code: str) -> None:
    """The key Tab."""
    talk.session.send(talk.socket, "complete_request", {"code": code, "cursor_pos": len(code)})
    talk.socket.recv_multipart()


def lock() -> None:
    Environments(Settings.load()).install(None, parse(BIG), options=Options(build=False))
