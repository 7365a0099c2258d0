"""The uv.lock that juv keeps in a notebook's metadata: its versions and hashes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from .found import Found
from .shapes import Table
from .text_file import MOST
from .toml_file import loads
from .tool_uv import refuse
from .uv_lock import read_table

NAME = 'metadata["uv.lock"]'


def with_lock(found: Found, text: object) -> Found:
    """What the cell asks for, with the versions that were locked for it. Raises InputError."""
    if not isinstance(text, str) or len(text) > MOST:
        refuse(NAME, f"is not text of at most {MOST >> 20} MB")
    lock = read_table(Table(loads(text, NAME), NAME), Path(NAME))
    known = {index.name for index in found.indexes}
    return replace(
        found,
        pins=lock.pins,
        indexes=(*found.indexes, *(index for index in lock.indexes if index.name not in known)),
        taken_from={**lock.taken_from, **found.taken_from},
        exclude_newer=found.exclude_newer or lock.exclude_newer,
        notes=(*found.notes, *lock.notes),
    )
