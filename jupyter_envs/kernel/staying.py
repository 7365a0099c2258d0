"""A process that keeps its environment because it has loaded what would change: why an import fails there, and would
not elsewhere."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from typing import Any, Sequence


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
