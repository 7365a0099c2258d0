"""What was done to .venv, so that the second time is quick. Without this file, .venv is somebody else's."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from .places import ROOT, VENV

MARK = VENV / "setup-notebooks.json"
GENERATED = {"node_modules", "lib", "lib-tests", ".yarn", "__pycache__", "tests"}


def known() -> dict[str, Any]:
    try:
        value = json.loads(MARK.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def remember(**changes: object) -> None:
    fresh = MARK.with_suffix(".new")
    fresh.write_text(json.dumps(known() | changes, indent=1), encoding="utf-8")
    fresh.replace(MARK)


def fingerprint(*names: str, without: str = "") -> str:
    """Of the sources in these files and folders; `without` is a folder's name to leave out."""
    digest = hashlib.sha256()
    for name in names:
        for file in _files(ROOT / name, GENERATED | {without}):
            digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _files(place: Path, without: set[str]) -> list[Path]:
    if place.is_file():
        return [place]
    found = []
    for folder, folders, files in os.walk(place):
        folders[:] = sorted(set(folders) - without)
        found += [Path(folder, file) for file in sorted(files) if not file.endswith(".tsbuildinfo")]
    return found
