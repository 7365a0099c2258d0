"""What `import` takes: files of other tools, other notebooks, and what the notebook itself says."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..dialects.another_notebook import found_of
from ..dialects.found import Found
from ..dialects.in_notebook import look, read_in
from ..dialects.table import dialect_of
from ..errors import InputError
from ..kernel.foreign import quoted
from ..notebook import NotebookFile
from .target import FilePlace, Place

NOTEBOOKS = ".ipynb"


def content_of(args: argparse.Namespace, place: Place) -> Mapping[str, Any] | None:
    """The notebook's own content; None where a page has not sent it, and there is no file. Raises NotebookError."""
    if isinstance(place, FilePlace):
        return place.file.content
    named = args.content or (place.path if place.path and place.path.exists() else None)
    return NotebookFile.read(named).content if named else None


def inside(names: Sequence[str], args: argparse.Namespace, place: Place) -> list[Found]:
    """Raises InputError."""
    content = content_of(args, place) if names else None
    if names and content is None:
        raise InputError("no-such-path", "There is no saved notebook to look into.", hint="Save it first.")
    folder = place.path.parent if place.path else None
    return [read_in(name, content or {}, folder) for name in names]


def read_file(path: Path, groups: Sequence[str]) -> Found:
    """Raises InputError, and NotebookError for another notebook that cannot be read."""
    if not path.exists():
        raise InputError("no-such-path", f"There is no file {path}.", hint="Check the path.")
    return _notebook(path) if path.suffix.lower() == NOTEBOOKS else dialect_of(path).read(path, groups)


def _notebook(path: Path) -> Found:
    file = NotebookFile.read(path)
    if file.block is not None:
        return found_of(file.block, path.name)
    said = dict(look(file.content, path.parent))
    if not said:
        raise InputError("nothing-found", f"{path.name} does not say which packages it needs.")
    if len(said) > 1:
        raise InputError(
            "several-lists", f"{path.name} has {len(said)} package lists: {', '.join(said)}.",
            hint=f"Take one over there first: jupyter envs import {quoted(path.name)} --from {next(iter(said))}",
        )  # fmt: skip
    (found,) = said.values()
    if isinstance(found, InputError):
        raise found
    return found
