"""What the indexes say about packages that could not be had: which versions there are, for which Pythons and systems,
and which of them were yanked. An index is asked about a name only where the configuration would ask it: the index that
is assigned to the package, otherwise each in its turn, until one has the package.

All of it is foreign text."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from ...errors import IndexError_
from ...text import one_line, plain
from . import Index, Indexes
from .listing import Json, files_of, files_on_disk, version_of
from .webpage import Web, run, web_for

LONGEST_REASON = 200
"""Characters."""
MOST = 12
"""Packages that are asked about at once."""


@dataclass(frozen=True)
class Release:
    """One version of a package. `wheels`: file names; `yanked`: the reason, or "" without one, where all of its files
    were yanked; `uploaded`: ISO 8601, or "" where the index does not say."""

    version: Version
    wheels: tuple[str, ...] = ()
    source: bool = False
    requires_python: str = ""
    yanked: str | None = None
    uploaded: str = ""

    @cached_property
    def pythons(self) -> SpecifierSet:
        """Which Pythons it is for, as its authors say."""
        try:
            return SpecifierSet(self.requires_python)
        except InvalidSpecifier:
            return SpecifierSet()


@dataclass(frozen=True)
class Known:
    """A package, and the index that has it; the oldest version first."""

    name: str
    index: str
    releases: tuple[Release, ...]

    def until(self, moment: str | None) -> Known:
        """As it was at this moment (ISO 8601), as far as the index has dates."""
        return replace(self, releases=tuple(r for r in self.releases if r.uploaded <= moment)) if moment else self


def read_facts(indexes: Indexes, wanted: Mapping[str, str | None], seconds: float) -> dict[str, Known | None]:
    """`wanted`: canonical name -> the index that it is assigned to, if any. None: no index has it. A name is missing
    from the answer if that is not known: an index did not answer, or speaks another way. Never takes longer than
    `seconds`."""
    if not wanted:
        return {}
    try:
        return run(lambda: _read(indexes, dict([*wanted.items()][:MOST]), seconds))
    except IndexError_:
        return {}


async def _read(indexes: Indexes, wanted: Mapping[str, str | None], seconds: float) -> dict[str, Known | None]:
    async with web_for(indexes, seconds) as web:
        found = await asyncio.gather(*(_about(name, index, web) for name, index in wanted.items()))
    return {name: known for name, known in zip(wanted, found, strict=True) if not isinstance(known, IndexError_)}


async def _about(name: str, assigned: str | None, web: Web) -> Known | IndexError_ | None:
    indexes = web.indexes
    try:
        for index in [indexes.by_name(assigned)] if assigned else [] if indexes.no_index else indexes.asked:
            files = await files_in(index, name, web)
            if files is not None:
                return Known(name, index.name, releases_of(files))
        linked = [file for place in indexes.find_links for file in _in_folder(place, name)]
    except IndexError_ as error:
        return error
    return Known(name, "find-links", releases_of(linked)) if linked else None


async def files_in(index: Index, name: str, web: Web) -> list[Json] | None:
    if index.flat:
        return _in_folder(index.url, name) or None
    if urlsplit(index.url).scheme == "file":
        return files_on_disk(index, name)
    return await files_of(index, name, web)


def _in_folder(place: str, name: str) -> list[Json]:
    """The files of a folder on this machine. Raises IndexError_ for other places."""
    parts = urlsplit(place)
    if parts.scheme not in ("", "file"):
        raise IndexError_("index-unavailable", "A page of files is not asked here.")
    folder = Path(unquote(parts.path) if parts.scheme else place)
    try:
        files = [{"filename": path.name} for path in folder.iterdir()]
    except OSError:
        return []
    return [file for file in files if canonicalize_name(_stem(file["filename"])) == name]


def _stem(filename: str) -> str:
    return filename.split("-")[0] if filename.endswith(".whl") else filename.rpartition("-")[0]


def releases_of(files: Iterable[Json]) -> tuple[Release, ...]:
    """Of the files as an index lists them, the oldest version first."""
    by_version: dict[Version, list[Json]] = {}
    for file in files:
        if version := version_of(file):
            by_version.setdefault(version, []).append(file)
    return tuple(_release(version, by_version[version]) for version in sorted(by_version))


def _release(version: Version, files: list[Json]) -> Release:
    names = [str(file["filename"]) for file in files]
    reasons = [file["yanked"] for file in files if file.get("yanked") not in (False, None)]
    withdrawn = len(reasons) == len(files)
    return Release(
        version,
        wheels=tuple(name for name in names if name.endswith(".whl")),
        source=any(not name.endswith(".whl") for name in names),
        requires_python=next(
            (_short(p) for file in files if isinstance(p := file.get("requires-python"), str) and p), ""
        ),
        yanked=next((_short(r) for r in reasons if isinstance(r, str)), "") if withdrawn else None,
        uploaded=min((t for file in files if isinstance(t := file.get("upload-time"), str)), default=""),
    )


def _short(text: str) -> str:
    return one_line(" ".join(plain(text).split()))[:LONGEST_REASON]
