"""Reads a notebook that may be in the middle of a save."""

from __future__ import annotations

import time
from pathlib import Path

from ..errors import EnvsError
from .file import NotebookFile
from .text import SETTLING

FRESH = 5.0
"""Seconds for which somebody may still be writing a file."""


def read_settled(notebook: Path) -> NotebookFile:
    """The file, after the save that may be under way: Jupyter Server writes in place, and Notebook 7 saves a new
    notebook while its kernel starts, so that for a moment it is empty or cut off."""
    until = time.monotonic() + SETTLING
    while True:
        try:
            return NotebookFile.read(notebook, until=until)
        except EnvsError:
            if time.monotonic() > until or not _fresh(notebook):
                raise
        time.sleep(0.05)


def _fresh(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime < FRESH
    except OSError:
        return False
