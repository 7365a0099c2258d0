"""A process that a kernel has started follows it to the next environment, or keeps its own because it has loaded what
would change: then it says why an import fails there, and would not elsewhere."""

from __future__ import annotations

import json
import os
import sys
from importlib.machinery import PathFinder
from typing import Any, Sequence

from .view import View, obstacles, sites

STAYS = (
    "Process {} still has {} in the version from before, so it does not see what was installed since then. "
    "To use that: start this process anew, or restart the kernel."
)


def has(sites: Sequence[str], module: str) -> bool:
    """Whether these folders have that module."""
    return PathFinder.find_spec(module.partition(".")[0], list(sites)) is not None


class Explainer:
    """The last finder. `sites`: of the environment that this process does not see."""

    def __init__(self, sites: Sequence[str], sentence: str) -> None:
        self._sites = sites
        self._sentence = sentence

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if path is None and has(self._sites, name):
            raise ModuleNotFoundError(f"No module named {name!r}. {self._sentence}", name=name)


def explain(sites: Sequence[str], sentence: str) -> None:
    """From now on; without a sentence no longer."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Explainer)]
    if sentence:
        sys.meta_path.append(Explainer(sites, sentence))


def follow(view: View | None, told: str) -> tuple[View | None, str]:
    """For a process that a kernel has started: moves it to the environment that it should see now. `told` as
    dash_m/_jupyter_envs_follow.py has read it. Returns its view, and a sentence if it has to stay where it is."""
    value = json.loads(told)
    known = {str(environment["prefix"]): environment for environment in [*value["known"], value["now"]]}
    own = known.pop(sys.prefix, None)
    if own is None:
        return view, ""
    view = view or View(own)
    view.add_loaded(known.values())
    stays = view.move({**value["now"], "lease": None})  # the kernel holds it
    blocking = ", ".join(obstacles(view.seen, value["now"])[:3]) if stays else ""
    sentence = STAYS.format(os.getpid(), blocking) if stays else ""
    explain(sites(value["now"]), sentence)
    return view, sentence
