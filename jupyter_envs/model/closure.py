"""What a lock means on this machine: the interpreter and, for each package, the one file chosen."""

from __future__ import annotations

import base64
import hashlib
import platform
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal

import msgspec
from packaging import tags
from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName, default_environment

from ..errors import InputError, InstallError
from . import digests
from .interpreter import Interpreter
from .lock import Lock, Package, Vcs, known_marker, wheel_filename

LAYOUT = 2
"""Raised when the layout of environments on disk changes: old ones are then built again."""

Kind = Literal["wheel", "sdist", "vcs", "directory"]


class Chosen(msgspec.Struct, frozen=True):
    """One package of a closure. `sha256` is the file's, the identity of a git source or `directory:<id>`;
    `size` in bytes where the index told it."""

    name: str
    version: str
    kind: Kind
    sha256: str
    filename: str | None = None
    size: int | None = None
    index: str | None = None
    vcs: Vcs | None = None
    local_id: str | None = None
    editable: bool = False
    uploaded: str | None = None
    """When the file was uploaded to the index, ISO 8601, according to the lock."""

    @property
    def runs_code(self) -> bool:
        """Whether installing it runs code of the package."""
        return self.kind in ("sdist", "directory") or (self.vcs is not None and self.vcs.runs_code)

    @property
    def origin(self) -> str:
        """Where it comes from, if that is not the user's own indexes in their own order: the name of an index, an
        address, a repository with commit and folder, or a folder on this machine by its id."""
        if self.kind == "directory":
            return f"directory:{self.local_id}"
        if self.vcs:
            return self.vcs.place
        return f"index:{self.index}" if self.index else ""


class Closure(msgspec.Struct, frozen=True):
    """`interpreter` says whether Python is one of this machine or comes with the closure, from which of its rows."""

    interpreter: Interpreter
    rows: tuple[Chosen, ...]

    @property
    def python_row(self) -> Chosen | None:
        """The package that brings Python; None where it is one of this machine."""
        return next((row for row in self.rows if row.name == self.interpreter.package), None)

    @property
    def id(self) -> str:
        """26 characters of base32; computed, never read from outside."""
        python = self.interpreter
        value = {
            "files": sorted(row.sha256 for row in self.rows),
            "interpreter": [python.implementation, python.version, str(python.path)],
            "layout": LAYOUT,
        }
        hashed = hashlib.sha256(digests.canonical(value)).digest()
        return base64.b32encode(hashed).decode().lower()[:26]

    def consent_digest(self, urls: Mapping[str, str]) -> str:
        """What a user says yes to. `urls`: index name -> URL, for every index the closure draws from."""
        python = self.interpreter
        return digests.digest(
            {
                "python": [python.implementation, python.minor],
                "platform": this_platform(),
                "indexes": dict(urls),
                "files": sorted(
                    [row.name, row.version, row.sha256, *([row.origin] if row.origin else [])] for row in self.rows
                ),
            }
        )

    @property
    def versions(self) -> dict[str, str]:
        return {row.name: row.version for row in self.rows}

    @property
    def size(self) -> int:
        """Bytes to fetch, as far as the indexes told."""
        return size_of(self.rows)


def size_of(rows: Iterable[Chosen]) -> int:
    """Bytes of their files, as far as the indexes told."""
    return sum(row.size or 0 for row in rows)


def this_platform() -> str:
    """`linux-x86_64` and the like."""
    return f"{sys.platform}-{platform.machine().lower()}"


def select(lock: Lock, interpreter: Interpreter) -> Closure:
    """Raises InstallError `no-wheel-here` if a package has no file for this machine, and InputError `lock-dup` if the
    lock lists a package twice for it: an answer about one row would count for the other."""
    ranks = ranks_of(interpreter)
    rows: list[Chosen] = []
    missing: list[Package] = []
    here = rows_here(lock.packages, interpreter)
    twice = sorted(name for name, times in Counter(package.name for package in here).items() if times > 1)
    if twice:
        raise InputError(
            "lock-dup", f"The lock lists {', '.join(twice)} twice for Python {interpreter.minor} on {this_platform()}.",
            data={"packages": twice},
        )  # fmt: skip
    for package in here:
        chosen = _choose(package, ranks)
        if chosen is None:
            missing.append(package)
        else:
            rows.append(chosen)
    if missing:
        names = ", ".join(f"{p.name} {p.version}" for p in missing)
        raise InstallError(
            "no-wheel-here",
            f"The lock has no file of {names} for Python {interpreter.minor} on {this_platform()}.",
            hint="Lock it again on this machine: `jupyter envs lock NOTEBOOK`.",
            data={"packages": [p.name for p in missing]},
        )
    return Closure(interpreter, tuple(sorted(rows, key=lambda row: row.name)))


def usable_here(lock: Lock, interpreter: Interpreter) -> Closure:
    """As much of `select` as has a file for this machine: what a lock for another Python would bring to this one."""
    ranks = ranks_of(interpreter)
    found = [chosen for package in rows_here(lock.packages, interpreter) if (chosen := _choose(package, ranks))]
    return Closure(interpreter, tuple(sorted(found, key=lambda row: row.name)))


def rows_here(rows: Iterable[Package], interpreter: Interpreter) -> list[Package]:
    """The rows whose marker applies here, whether or not they have a file for this machine."""
    here = marker_environment(interpreter)
    return [row for row in rows if row.marker is None or known_marker(row.marker).evaluate(here)]


def marker_environment(interpreter: Interpreter) -> dict[str, str]:
    environment: dict[str, str] = {k: str(v) for k, v in default_environment().items()}
    environment.update(
        implementation_name=interpreter.implementation,
        implementation_version=interpreter.version,
        platform_python_implementation="CPython",
        python_full_version=interpreter.version,
        python_version=interpreter.minor,
    )
    return environment


def applies(marker: Marker | None, here: dict[str, str]) -> bool:
    """`here`: `marker_environment` of a Python."""
    try:
        return marker is None or marker.evaluate(here)
    except (UndefinedComparison, UndefinedEnvironmentName):
        return True  # a resolver may see it otherwise


def certainly_applies(marker: Marker | None, here: dict[str, str]) -> bool:
    try:
        return marker is None or marker.evaluate(here)
    except (UndefinedComparison, UndefinedEnvironmentName):
        return False


@lru_cache(maxsize=32)
def supported_tags(minor: str, abiflags: str = "") -> tuple[tags.Tag, ...]:
    """Best first, for a CPython of this minor on this machine; it does not have to be the Python that runs us."""
    version = tuple(int(part) for part in minor.split("."))
    short = "".join(minor.split("."))
    platforms = list(tags.platform_tags())
    own = tags.cpython_tags(version, abis=[f"cp{short}{abiflags}"], platforms=platforms)
    return (*own, *tags.compatible_tags(version, interpreter=f"cp{short}", platforms=platforms))


def _choose(package: Package, ranks: Ranks) -> Chosen | None:
    def chosen(kind: Kind, sha256: str, **more: object) -> Chosen:
        return Chosen(package.name, package.version, kind, sha256, index=package.index, **more)  # type: ignore[arg-type]  # fields by name

    if package.directory and package.directory.editable:
        local_id = package.directory.id
        return chosen("directory", f"directory:{local_id}", local_id=local_id, editable=True)
    # Of equal ones the first by name, in whatever order they are listed: a lock's digest does not know that order.
    best = min(filter(ranks.fits, package.wheels), key=lambda name: (ranks.rank(name), name), default=None)
    if best is not None:
        file = package.wheels[best]
        if package.directory:
            return chosen("directory", file.sha256, filename=best, local_id=package.directory.id)
        return chosen("wheel", file.sha256, filename=best, size=file.size, uploaded=file.upload_time)
    for filename, file in package.sdist.items():
        return chosen("sdist", file.sha256, filename=filename, size=file.size, uploaded=file.upload_time)
    if package.vcs:
        return chosen("vcs", package.vcs.identity, vcs=package.vcs)
    return None


class Ranks(msgspec.Struct, frozen=True):
    """How well a wheel fits an interpreter: 0 is best."""

    of: Mapping[tags.Tag, int]

    def rank(self, filename: str) -> int:
        """Position of the wheel's best tag; the number of tags when none fits."""
        return min((self.of.get(tag, len(self.of)) for tag in wheel_filename(filename)[2]), default=len(self.of))

    def fits(self, filename: str) -> bool:
        return self.rank(filename) < len(self.of)


@lru_cache(maxsize=32)
def ranks_of(interpreter: Interpreter) -> Ranks:
    supported = supported_tags(interpreter.minor, interpreter.abiflags)
    return Ranks({tag: rank for rank, tag in enumerate(supported)})
