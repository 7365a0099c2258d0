"""`%env-install` in a running kernel, with the wheel in the cache, until the cell has answered."""

from __future__ import annotations

import json

from .kernels import provisioned
from .measure import Result
from .place import cli, forget, notebook

NEW = "toolz"
"""Small, and not among what a kernel brings: six is."""


def run(rounds: int) -> list[Result]:
    cli("build", "--block", "-", stdin="null")  # the base environment
    six = [install("six", anew=False) for _ in range(rounds + 1)]
    new = [install(NEW, anew=True) for _ in range(rounds + 1)]
    known = [install(NEW, anew=False) for _ in range(rounds + 1)]
    return [
        Result("%env-install six", tuple(six[1:]), goal=1.0),
        Result(f"%env-install {NEW}", tuple(new[1:]), goal=1.0),
        Result(f"%env-install {NEW}, another notebook has it", tuple(known[1:]), goal=1.0),
    ]


def install(name: str, *, anew: bool) -> float:
    """Seconds. `anew`: its environment is not there yet, only what was downloaded."""
    path = notebook(f"install-{name}")
    if anew:
        for environment in json.loads(cli("list", "--json"))["environments"]:
            if name in environment["packages"]:
                forget(environment["id"])
    with provisioned(path) as talk:
        talk.execute("1 + 1")
        seconds = talk.execute(f"%env-install {name}")
        talk.execute(f"import {name}")
    return seconds
