"""Lists of other tools in notebooks without an environment, and beside them, as front ends offer them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import UNSET, UnsetType
from tornado.web import HTTPError

from ..dialects.offers import files_beside, offers
from ..errors import EnvsError
from ..wire.notebooks import Offered
from .notebooks import Notebooks

LARGEST = 16 << 20
"""Bytes of a notebook that is looked into; it is read once for each time that it is saved."""
REMEMBERED = 200
CODE = ("code", "raw")

Seen = tuple[str, int, tuple[tuple[str, int, int], ...]]
"""When the notebook was saved, its size, and name, time and size of what is beside it."""


class Offering:
    def __init__(self, notebooks: Notebooks) -> None:
        self._notebooks = notebooks
        self._seen: dict[str, tuple[Seen, list[Offered]]] = {}

    async def of(self, path: str | None, block: object) -> list[Offered] | UnsetType:
        """Of a notebook (API path) with this block. Never raises for what may be in it."""
        if path is None or block is not None:
            return UNSET
        try:
            return await self._look(path) or UNSET
        except (EnvsError, HTTPError, OSError):
            return UNSET  # what is wrong with the notebook is said elsewhere

    async def _look(self, path: str) -> list[Offered]:
        saved, size = await self._notebooks.state(path)
        folder = self.folder(path)
        seen = (saved, size, await asyncio.to_thread(_beside, folder))
        known = self._seen.get(path)
        if known and known[0] == seen:
            return known[1]
        content: Mapping[str, Any] = {} if size > LARGEST else await self._notebooks.content(path)
        found = await asyncio.to_thread(lambda: [
            Offered(one.name, one.dialect, one.where, one.packages, one.locked, one.sentence)
            for one in offers(content, folder)
        ])  # fmt: skip
        if len(self._seen) >= REMEMBERED:
            self._seen.clear()
        self._seen[path] = (seen, found)
        return found

    def folder(self, path: str) -> Path | None:
        """The notebook's, where contents are files, and it is one that is served."""
        place = self._notebooks.os_path(path)
        return place.parent if place and place.is_file() and self._notebooks.shows(place.parent) else None

    async def source(self, path: str) -> dict[str, Any]:
        """A saved notebook, for a job that takes what it says: without outputs. Raises as `Notebooks.block` does."""
        content = await self._notebooks.content(path)
        cells = [cell for cell in content.get("cells") or () if isinstance(cell, Mapping)]
        kept = [
            {"cell_type": cell.get("cell_type"), "source": cell.get("source")}
            for cell in cells
            if cell.get("cell_type") in CODE
        ]
        metadata = content.get("metadata") or {}
        return {"cells": kept, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _beside(folder: Path | None) -> tuple[tuple[str, int, int], ...]:
    files = [(path, path.stat()) for path in files_beside(folder)] if folder else []
    return tuple((path.name, about.st_mtime_ns, about.st_size) for path, about in files)
