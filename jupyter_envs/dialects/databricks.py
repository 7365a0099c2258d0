"""Databricks: a list in the notebook's metadata, and `%pip` lines; as .ipynb, or in the source form of a .py file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from .cell_lines import with_lines
from .cells import Content, metadata_of
from .found import Found
from .tool_uv import refuse, requirement, table

NAME = "Databricks"
KEY = "application/vnd.databricks.v1+notebook"
SOURCE = "# Databricks notebook source"
CELLS = re.compile(r"^# COMMAND -+\s*$", re.MULTILINE)
MAGIC = "# MAGIC "


def read_in(content: Content, base: Path | None = None) -> Found | None:
    """Raises InputError that says the key."""
    about = metadata_of(content).get(KEY)
    if not isinstance(about, Mapping):
        return None
    where = "metadata of Databricks"
    environment = about.get("environmentMetadata")
    known = table(environment if environment is not None else {}, f"{where}: environmentMetadata")
    rows = known.get("dependencies") or []
    texts = rows if isinstance(rows, list) else refuse(f"{where}: dependencies", "is not a list")
    paths = [text for text in texts if isinstance(text, str) and text.strip().startswith(("-", "/", "."))]
    items = [(i, text) for i, text in enumerate(texts) if text not in paths]
    notes = [f"{where}: {text[:200]} is left out: it is in a workspace of Databricks." for text in paths]
    found = Found(
        NAME,
        where,
        requirements=tuple(requirement(text, f"{where}: dependencies[{i}]") for i, text in items),
        notes=(*notes, *_told(known)),
    )
    return _or_none(with_lines(found, content, base))


def _told(environment: Mapping[str, object]) -> Iterator[str]:
    for key in ("base_environment", "environment_version", "client"):
        if value := environment.get(key):
            yield (
                f"It was written for {key.replace('_', ' ')} {str(value)[:100]} of Databricks, whose own packages no "
                "list names."
            )


def _or_none(found: Found) -> Found | None:
    return found if found.requirements or found.notes or found.conda else None


def is_source(text: str) -> bool:
    return text.startswith(SOURCE)


def read_source(text: str, path: Path) -> Found:
    """Of a .py file in the source form. Raises InputError."""
    cells = [_cell(part) for part in CELLS.split(text.removeprefix(SOURCE))]
    content = {"cells": [{"cell_type": "code", "source": cell} for cell in cells]}
    found = with_lines(Found(NAME, path.name), content, path.parent)
    return replace(found, where=path.name)


def _cell(text: str) -> str:
    """`# MAGIC %pip install six` is what the cell has behind the mark."""
    lines = text.strip("\n").splitlines()
    return "\n".join(line.removeprefix(MAGIC) if line.startswith(MAGIC) else line for line in lines)
