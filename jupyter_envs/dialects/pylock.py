"""pylock.toml (PEP 751), as pip, uv, poetry and pdm write it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tomli_w
from packaging.markers import Marker
from packaging.pylock import (
    Package,
    PackageArchive,
    PackageSdist,
    PackageVcs,
    PackageWheel,
    Pylock,
    PylockValidationError,
)
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..errors import InputError
from ..model.lock import File, Lock, Vcs
from ..model.lock import Package as Row
from ..model.requirement import Requirement, Source
from ..model.spec import Spec
from .found import Found, FoundIndex, Pin, Written
from .toml_file import load
from .unsaid import unsaid

NAME = "pylock.toml"
FILE = "pylock.toml"
LOCKS = True
PLACES = True
SAYS = frozenset({"locked-python", "versions", "hashes", "indexes", "no-deps", "overrides", "exclude-newer"})
"""It is installed as it is: nothing is resolved, so what changes a resolution has done its work."""
Places = Mapping[str, str]


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
    pinned = {pin.name for pin in pins}
    taken_from = {str(row.name): row.index for row in lock.packages if row.index and row.name in pinned}
    return Found(
        NAME,
        path.name,
        requires_python=str(lock.requires_python) if lock.requires_python else None,
        requirements=tuple(sourced),
        pins=tuple(pins),
        indexes=tuple(FoundIndex(url, url, False, path.name) for url in dict.fromkeys(taken_from.values())),
        taken_from=taken_from,
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


def _files(row: Package) -> list[PackageWheel | PackageSdist]:
    return [*(row.wheels or ()), *([row.sdist] if row.sdist else ())]


def _hashes(row: Package) -> frozenset[str]:
    return frozenset(file.hashes["sha256"] for file in _files(row) if "sha256" in file.hashes)


def write(spec: Spec, lock: Lock | None, urls: Mapping[str, str], places: Places) -> Written:
    """`places`: the address of each file by its sha256, which PEP 751 requires and a block does not have. Raises
    InputError `no-address`."""
    assert lock
    rows = [row for row in lock.packages if not row.directory]
    value = Pylock(
        lock_version=Version("1.0"),
        created_by="jupyter-envs",
        requires_python=SpecifierSet(lock.requires_python),
        packages=[_package(row, urls, places) for row in rows],
    )
    value.validate()
    hosts = dict.fromkeys(urlsplit(file.url or "").netloc for row in value.packages for file in _files(row))
    notes = [*unsaid(spec, lock, urls, SAYS)]
    notes += [f"It names the address of each file, as the index gives it now: on {', '.join(hosts)}."] if hosts else []
    missing = [name for row in rows for name, file in _listed(row) if file.sha256 not in places and not row.vcs]
    notes += [f"{name} is left out: its index does not list it any more." for name in missing]
    return Written(tomli_w.dumps(value.to_dict()), tuple(notes))


def _listed(row: Row) -> Iterator[tuple[str, File]]:
    yield from row.wheels.items()
    yield from row.sdist.items()


def _package(row: Row, urls: Mapping[str, str], places: Places) -> Package:
    about: dict[str, Any] = {"name": canonicalize_name(row.name), "version": Version(row.version)}
    about |= {"marker": Marker(row.marker)} if row.marker else {}
    if row.vcs:
        return Package(**about, **_direct(row.vcs))
    if not any(file.sha256 in places for _, file in _listed(row)):
        raise InputError(
            "no-address", f"pylock.toml needs addresses of files, and no index gives one for {row.name} {row.version}.",
            hint="requirements.txt needs no addresses: --format requirements.txt",
        )  # fmt: skip
    about |= {"index": urls[row.index]} if row.index and row.index in urls else {}
    wheels = [PackageWheel(**_file(name, file, places)) for name, file in row.wheels.items() if file.sha256 in places]
    sdists = [PackageSdist(**_file(name, file, places)) for name, file in row.sdist.items() if file.sha256 in places]
    return Package(**about, wheels=wheels or None, sdist=sdists[0] if sdists else None)


def _direct(vcs: Vcs) -> dict[str, Any]:
    if vcs.type == "archive":
        return {"archive": PackageArchive(url=vcs.url, hashes={"sha256": vcs.sha256 or ""})}
    return {
        "vcs": PackageVcs(
            type="git",
            url=vcs.url,
            commit_id=vcs.commit_id or "",
            requested_revision=vcs.requested_revision,
            subdirectory=vcs.subdirectory,
        )
    }


def _file(name: str, file: File, places: Places) -> dict[str, Any]:
    uploaded = datetime.fromisoformat(file.upload_time.replace("Z", "+00:00")) if file.upload_time else None
    url, hashes = places[file.sha256], {"sha256": file.sha256}
    return {"name": name, "url": url, "size": file.size, "upload_time": uploaded, "hashes": hashes}
