"""Files that a user named by their sha256, next to a version: no other file is used for that package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from ..errors import ResolveError
from .closure import ranks_of, rows_here
from .interpreter import Interpreter
from .lock import Package

Hashes = Mapping[str, frozenset[str]]
"""Canonical name -> sha256 of the allowed files; or `name==version`, if they count for this version alone."""


def given_for(name: str, version: str, hashes: Hashes) -> frozenset[str] | None:
    return hashes.get(name) or hashes.get(f"{name}=={version}")


def only_named(rows: Iterable[Package], hashes: Hashes, interpreter: Interpreter) -> tuple[Package, ...]:
    """The rows without the files that were not named. Raises ResolveError `requirements-hash` where a package has none
    left, or none for this machine."""
    ranks = ranks_of(interpreter)
    found = []
    for row in rows:
        given = given_for(row.name, row.version, hashes)
        if given:
            named = _named(row, given)
            fits = bool(named.sdist or named.vcs) or any(map(ranks.fits, named.wheels))
            fitted = bool(row.sdist) or any(map(ranks.fits, row.wheels))
            if not _files(named) or (fitted and not fits and rows_here([row], interpreter)):
                raise mismatch(row.name, row.version)
            row = named
        found.append(row)
    return tuple(found)


def all_named(rows: Iterable[Package], hashes: Hashes) -> bool:
    """Whether the rows have no other files of these packages than those that were named."""
    return all(_named(row, hashes[row.name]) == row and _files(row) for row in rows if row.name in hashes)


def mismatch(name: str, version: str) -> ResolveError:
    return ResolveError(
        "requirements-hash",
        f"No file of {name} {version} that fits here has one of the hashes that were given for it.",
        hint="The list may be for another Python or system, or the index may have other files. Find out which, and "
        "generate the list again (pip-compile --generate-hashes, uv export).",
        data={"packages": [name]},
    )


def _named(row: Package, given: frozenset[str]) -> Package:
    return msgspec.structs.replace(
        row,
        wheels={name: file for name, file in row.wheels.items() if file.sha256 in given},
        sdist={name: file for name, file in row.sdist.items() if file.sha256 in given},
        vcs=row.vcs if row.vcs and row.vcs.sha256 in given else None,
    )


def _files(row: Package) -> bool:
    return bool(row.wheels or row.sdist or row.vcs)
