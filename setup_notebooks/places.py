"""Where things are."""

from __future__ import annotations

import os
from pathlib import Path

WINDOWS = os.name == "nt"
ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "docs" / "notebooks"
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
LOG = VENV / "setup-notebooks.log"


def tool(name: str) -> Path:
    """A program of .venv."""
    return BIN / f"{name}.exe" if WINDOWS else BIN / name


PYTHON = tool("python")
