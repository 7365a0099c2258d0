"""pylock.toml (PEP 751), as pip, uv, poetry and pdm write it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from packaging.pylock import Package, Pylock, PylockValidationError

from ..errors import InputError
from ..model.lock import Vcs
from ..model.requirement import Requirement, Source
from .found import Found, FoundIndex, Pin
from .toml_file import load

NAME = "pylock.toml"


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Raises InputError that says the file."""
    try:
        lock = Pylock.from_dict(load(path))
        lock.validate()
    except PylockValidationError as error:
        raise InputError(
            "foreign-file", f"{path}: {error}", hint="Write it again with the tool it comes from."
        ) from None
    notes = [f"{path.name} does not tell which packages were asked for."]
    pins, sourced = list[Pin](), list[Requirement]()
    for row in lock.packages:
        if row.directory:
            notes.append(f"{row.name} is left out: it is the folder {row.directory.path!r} of another machine.")
        elif source := _source(row):
            sourced.append(Requirement(row.name, marker=row.marker, source=source))
        elif row.version is None:
            notes.append(f"{row.name} is left out: the file does not tell its version.")
        else:
            pins.append(Pin(row.name, str(row.version), row.marker, _hashes(row)))
    urls = dict.fromkeys(str(row.index) for row in lock.packages if row.index)
    return Found(
        NAME,
        path.name,
        requires_python=str(lock.requires_python) if lock.requires_python else None,
        requirements=tuple(sourced),
        pins=tuple(pins),
        indexes=tuple(FoundIndex("", url, where=path.name) for url in urls),
        everything=True,
        notes=tuple(notes),
    )


def _source(row: Package) -> Source | None:
    if row.vcs and row.vcs.url:
        return Source(Vcs(
            "git", row.vcs.url, row.vcs.commit_id, row.vcs.requested_revision, row.vcs.subdirectory
        ))  # fmt: skip
    if row.archive and row.archive.url:
        return Source(Vcs("archive", row.archive.url, sha256=row.archive.hashes.get("sha256")))
    return None


def _hashes(row: Package) -> frozenset[str]:
    files: list[Any] = [*(row.wheels or ()), *([row.sdist] if row.sdist else ())]
    return frozenset(file.hashes["sha256"] for file in files if "sha256" in file.hashes)
