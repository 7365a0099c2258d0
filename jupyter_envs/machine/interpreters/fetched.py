"""The Pythons that were fetched for notebooks: `<home>/pythons/<version>-<8>/cpython-…`, where nothing but us looks.

One counts from the moment on that READY lies beside it: whatever stopped the fetch, half a Python is never found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...settings import Settings

READY = "ready.json"


def folder_of(settings: Settings) -> Path:
    return settings.home / "pythons"


def prefixes(settings: Settings) -> Iterator[Path]:
    """Of those that are complete."""
    for ready in sorted(folder_of(settings).glob(f"*/{READY}")):
        yield from prefixes_in(ready.parent)


def prefixes_in(place: Path) -> Iterator[Path]:
    """uv puts a Python beside links to it, and beside files of its own."""
    yield from (path for path in sorted(place.glob("cpython-*")) if path.is_dir() and not path.is_symlink())
