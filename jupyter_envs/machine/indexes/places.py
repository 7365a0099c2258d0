"""Where the files of packages are, as their indexes say it. A lock of ours names files and hashes; a pylock.toml has to
name addresses, too."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from . import Index, Indexes, plain_url
from .facts import files_in
from .listing import Json
from .webpage import Web, run, web_for

AT_ONCE = 12
"""Pages that are read at the same time."""


def read_places(indexes: Indexes, wanted: Mapping[str, str | None], seconds: float) -> dict[str, str]:
    """File name -> address, without user, password and query. `wanted`: canonical name -> the index that it is assigned
    to, if any. Raises IndexError_ if an index does not answer."""
    return run(lambda: _read(indexes, wanted, seconds))


async def _read(indexes: Indexes, wanted: Mapping[str, str | None], seconds: float) -> dict[str, str]:
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(name: str, assigned: str | None) -> dict[str, str]:
        async with turns:
            return await _places(name, assigned, web)

    async with web_for(indexes, seconds) as web:
        found = await asyncio.gather(*(one(name, index) for name, index in wanted.items()), return_exceptions=True)
    places: dict[str, str] = {}
    for each in found:
        if isinstance(each, BaseException):
            raise each
        places |= each
    return places


async def _places(name: str, assigned: str | None, web: Web) -> dict[str, str]:
    """Of the first index that has the package, as for a lock."""
    indexes = web.indexes
    for index in [indexes.by_name(assigned)] if assigned else [] if indexes.no_index else indexes.asked:
        files = await files_in(index, name, web)
        if files is not None:
            return {str(file.get("filename")): url for file in files if (url := _address(file, index, name))}
    return {}


def _address(file: Json, index: Index, name: str) -> str:
    """ "" for what nobody else could reach: a folder of this machine."""
    try:
        url = plain_url(urljoin(f"{index.url}/{name}/", str(file.get("url") or "")))
    except ValueError:
        return ""
    return url if file.get("url") and urlsplit(url).scheme in ("http", "https") else ""
