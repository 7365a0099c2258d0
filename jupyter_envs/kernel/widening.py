"""Packages that are loaded already, and in which the next environment has more: other distributions may put modules
there, as plugins do, or as parts of a namespace that is made with pkgutil. A namespace without `__init__.py` notices by
itself."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any, Iterator, Sequence


def widen(before: Sequence[str], after: Sequence[str]) -> None:
    """`before`: site-packages of the environments that modules are loaded from; `after`: of the next one."""
    for module in list(sys.modules.values()):
        path = getattr(module, "__dict__", {}).get("__path__")
        if not isinstance(path, list):
            continue
        with contextlib.suppress(OSError):  # a folder that may not be listed
            path += [folder for folder in wider(path, before, after) if folder not in path]
    working_set: Any = getattr(sys.modules.get("pkg_resources"), "working_set", None)
    if working_set is not None:
        for folder in after:
            working_set.add_entry(folder)


def wider(path: Sequence[str], before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The folders of the package in `after` that have more than those in which it is searched now."""
    found = [folder for folder in dict.fromkeys(moved(path, before, after)) if os.path.isdir(folder)]
    if not found:
        return []
    here = [entry for entry in path if os.path.isdir(entry)]
    names = {name for entry in here for name in os.listdir(entry)}
    return [folder for folder in found if not names.issuperset(os.listdir(folder))]


def moved(path: Sequence[str], before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """Without those that are the same folder of the same wheel."""
    for entry in path:
        for old in before:
            if isinstance(entry, str) and entry.startswith(old + os.sep):
                for folder in (new + entry[len(old) :] for new in after):
                    with contextlib.suppress(OSError):  # it has none
                        if not os.path.samefile(folder, entry):
                            yield folder
