"""marimo: a notebook that was exported from an app, and keeps the comment of its script in the metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from .cells import Content, metadata_of
from .found import Found
from .script import read_text
from .tool_uv import refuse

NAME = "marimo"


def read_in(content: Content, base: Path | None = None) -> Found | None:
    """Raises InputError."""
    about = metadata_of(content).get("marimo")
    header = about.get("header") if isinstance(about, Mapping) else None
    if header is None or header == "":
        return None
    if not isinstance(header, str):
        refuse("metadata.marimo.header", "is not text")
    found = read_text(header, "metadata.marimo.header")
    return replace(found, dialect=NAME) if found else None
