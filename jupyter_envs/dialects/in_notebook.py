"""What a notebook itself says about its packages in other tools' ways, each by the name that takes it: `--from juv`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from ..errors import InputError
from .cells import Content
from .found import Found

INSIDE: Mapping[str, str] = {
    "juv": "script",
    "nteract": "nteract",
    "jupyterlab-requirements": "jupyterlab_requirements",
    "marimo": "marimo",
    "databricks": "databricks",
    "cells": "hosted",
}
"""What people call a dialect, after --from: the module that reads it."""
ALIASES = {"pep723": "juv", "colab": "cells", "kaggle": "cells", "thoth": "jupyterlab-requirements"}


class InNotebook(Protocol):
    def read_in(self, content: Content, base: Path | None) -> Found | None:
        """None where the notebook does not have it. `base`: the notebook's folder, where there is one. Raises
        InputError that says cell and line, or key."""


def look(content: Mapping[str, Any], base: Path | None) -> Iterator[tuple[str, Found | InputError]]:
    """Everything that is there, with the name that takes it."""
    seen = False
    for name, module in INSIDE.items():
        if name == "cells" and seen:
            continue  # the lines belong to that dialect
        try:
            found = _module(module).read_in(content, base)
        except InputError as error:
            yield name, error
            continue
        if found is not None:
            seen = seen or name == "databricks"
            yield name, found


def read_in(name: str, content: Mapping[str, Any], base: Path | None) -> Found:
    """Raises InputError `no-such-dialect`."""
    known = ALIASES.get(name.lower(), name.lower())
    found = _module(INSIDE[known]).read_in(content, base) if known in INSIDE else None
    if found is None:
        there = [name for name, _ in look(content, base)]
        raise InputError(
            "no-such-dialect",
            f"This notebook has no package list of {name[:60]!r}."
            if known in INSIDE
            else f"--from does not know {name[:60]!r}.",
            hint=f"There is: {', '.join(there)}." if there else f"These are known: {', '.join(INSIDE)}.",
        )
    return found


def _module(name: str) -> InNotebook:
    return cast("InNotebook", import_module(f".{name}", __package__))
