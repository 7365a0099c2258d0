"""The Pythons that were downloaded for notebooks: `<home>/pythons/<version>-<8>/cpython-…`, a folder that only we
search. One counts once the file READY is beside it: whatever stopped a download, an incomplete Python is never
found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...settings import Settings

READY = "ready.json"


def folder_of(settings: Settings) -> Path:
    return settings.home / "pythons"


def prefixes(settings: Settings) -> Iterator[Path]:
    """The complete ones."""
    for ready in sorted(folder_of(settings).glob(f"*/{READY}")):
        yield from prefixes_in(ready.parent)


def prefixes_in(place: Path) -> Iterator[Path]:
    """uv puts a Python next to links to it, and next to files of its own."""
    yield from (path for path in sorted(place.glob("cpython-*")) if path.is_dir() and not path.is_symlink())
