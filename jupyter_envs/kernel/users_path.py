"""PYTHONPATH, which a kernel gets after its start: for the user's code and for the kernel's children."""

from __future__ import annotations

import os
import re
import sys
from typing import Any, Iterator, Mapping, Sequence

from .context import Context
from .shim import say_once

MOST = 3
"""Packages that the warning names."""


def add(shell: Any, path: str, context_path: str) -> None:
    """As Python does at its start: before the folders of the standard library."""
    os.environ["PYTHONPATH"] = path
    entries = [os.path.abspath(entry) for entry in path.split(os.pathsep)]
    sys.path[:0] = [entry for entry in dict.fromkeys(entries) if entry not in sys.path]
    packages = (Context.load(context_path).environment or {}).get("packages") or {}
    found = list(replaced(entries, packages))
    if found:
        say_once(shell, warning(found))


def replaced(entries: Sequence[str], packages: Mapping[str, str]) -> Iterator[str]:
    """`numpy 1.21 in /opt/lib`, for each package of the notebook that these folders have in another version."""
    for entry in entries:
        try:
            names = os.listdir(entry)
        except OSError:
            continue
        for name in sorted(names):
            match = re.fullmatch(r"([\w.]+)-([^-]+)\.(?:dist|egg)-info", name)
            package = re.sub(r"[-_.]+", "-", match.group(1)).lower() if match else ""
            if match and packages.get(package, match.group(2)) != match.group(2):
                yield f"{package} {match.group(2)} in {entry}, not {packages[package]}"


def warning(found: Sequence[str]) -> str:
    more = f" (and {len(found) - MOST} more)" if len(found) > MOST else ""
    return (
        f"PYTHONPATH comes before the notebook's packages: this kernel imports {'; '.join(found[:MOST])}{more}.\n"
        "hint: to use the notebook's own, start Jupyter without PYTHONPATH."
    )
