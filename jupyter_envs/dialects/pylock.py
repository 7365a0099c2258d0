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
from .found import PYPI_HOSTS, Found, Pin, Written, host_of, is_pypi
from .project import IndexList
from .pylock_groups import for_taken, groups_of, taken_of
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
    pins, sourced, indexes = list[Pin](), list[Requirement](), IndexList(path.name)
    hosts = dict[str, str]()
    taken = taken_of(lock, groups)
    for row in lock.packages:
        needed, marker = for_taken(row.marker, taken)
        if not needed:
            continue
        if left := _elsewhere(row, path):
            notes.append(f"{row.name} is left out: {left}.")
            continue
        if (row.archive or _files(row)) and not _checked(row):
            notes.append(f"the hashes of {row.name} cannot be checked: only sha256 is used.")
        if source := _source(row):
            sourced.append(Requirement(row.name, marker=marker, source=source))
        else:
            pins.append(Pin(row.name, str(row.version), marker, _hashes(row)))
            if row.index and not is_pypi(row.index):
                indexes.add(row.index, row.index, path.name, default=False)
                indexes.take(row.name, row.index, path.name)
            elif not row.index and (host := _host(row)):
                hosts[row.name] = host
    return Found(
        NAME,
        path.name,
        requires_python=str(lock.requires_python) if lock.requires_python else None,
        requirements=tuple(sourced),
        pins=tuple(pins),
        groups=groups_of(lock),
        indexes=tuple(indexes.known.values()),
        taken_from=indexes.taken,
        hosts=hosts,
        everything=True,
        notes=tuple(notes),
    )


def _elsewhere(row: Package, path: Path) -> str:
    """Why nobody else can have it; "" if that is not so. Raises InputError for what another package would replace."""
    direct = row.vcs or row.archive
    if row.directory:
        return f"it is the folder {row.directory.path!r}, which the file does not contain"
    if direct and not direct.url:
        return f"it is {direct.path!r} on another machine"
    if (row.vcs and row.vcs.type != "git") or (row.archive and row.archive.subdirectory):
        raise InputError(
            "foreign-file", f"{path}: {row.name} comes from {direct.url if direct else ''!r} in a way that a notebook "
            "cannot record.", hint="Take it from an index, a git repository or an archive of its own.",
        )  # fmt: skip
    return "" if direct or row.version is not None else "the file does not tell its version"


def _source(row: Package) -> Source | None:
    if row.vcs:
        vcs = row.vcs
        return Source(Vcs("git", vcs.url or "", vcs.commit_id, vcs.requested_revision, vcs.subdirectory))
    if row.archive:
        return Source(Vcs("archive", row.archive.url or "", sha256=row.archive.hashes.get("sha256")))
    return None


def _files(row: Package) -> list[PackageWheel | PackageSdist]:
    return [*(row.wheels or ()), *([row.sdist] if row.sdist else ())]


def _hashes(row: Package) -> frozenset[str]:
    return frozenset(file.hashes["sha256"] for file in _files(row) if "sha256" in file.hashes)


def _checked(row: Package) -> bool:
    return "sha256" in row.archive.hashes if row.archive else bool(_hashes(row))


def _host(row: Package) -> str:
    """Of a file of it that is not on PyPI; else of PyPI. Where files have no address, there is none."""
    hosts = [host for file in _files(row) if file.url and (host := host_of(file.url))]
    return next((host for host in hosts if host not in PYPI_HOSTS), hosts[0] if hosts else "")


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
