"""The PATH, without folders whose programs only look for another program."""

from __future__ import annotations

import os
from pathlib import Path


def search_path() -> list[Path]:
    folders = map(Path, os.environ.get("PATH", os.defpath).split(os.pathsep))
    return [folder for folder in folders if folder.is_absolute() and folder.name != "shims"]
