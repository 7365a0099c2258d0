"""A .py file as a source to import: a script of PEP 723, an app of marimo, or a notebook of Databricks."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from . import databricks, marimo, script
from .found import Found
from .text_file import text_of

NAME = "a Python file"
MARIMO = re.compile(r"^app = marimo\.App\(", re.MULTILINE)


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Raises InputError that says the file; `nothing-found` where it lists nothing."""
    text = text_of(path)
    if databricks.is_source(text):
        return databricks.read_source(text, path)
    found = script.read(path, groups)
    return replace(found, dialect=marimo.NAME) if MARIMO.search(text) else found
