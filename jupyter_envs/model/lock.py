"""What a spec resolved to: every package, its version and the sha256 of each file. PEP 751's words, compact."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.tags import Tag
from packaging.utils import NormalizedName, parse_wheel_filename
from packaging.version import Version

from . import digests

FEW_DOTS = 12
"""In the name of a wheel: it then has some dozens of tags at most."""


class _Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="kebab"):
    pass


class File(_Value, frozen=True):
    """`size` in bytes, `upload_time` as ISO 8601 in UTC."""

    sha256: str
    size: int | None = None
    upload_time: str | None = None


class Vcs(_Value, frozen=True):
    """Where a package comes from when no index has it: a git commit, or an archive with its sha256."""

    type: Literal["git", "archive"]
    url: str
    commit_id: str | None = None
    requested_revision: str | None = None
    subdirectory: str | None = None
    sha256: str | None = None

    @property
    def is_wheel(self) -> bool:
        return self.type == "archive" and urlsplit(self.url).path.endswith(".whl") and "#" not in self.url

    @property
    def runs_code(self) -> bool:
        """Whether installing it means building it."""
        return not self.is_wheel

    @property
    def place(self) -> str:
        """Where it comes from, now and at an upgrade: the address, or repository, commit, folder and what that
        follows."""
        return self.url if self.type == "archive" else f"{self.identity} {self.requested_revision or ''}".rstrip()

    @property
    def shown(self) -> str:
        """The same for people."""
        if self.type == "archive":
            return self.url
        follows = f" of {self.requested_revision}" if self.requested_revision else ""
        folder = f", folder {self.subdirectory}" if self.subdirectory else ""
        return f"{self.url} at commit {(self.commit_id or '')[:12]}{follows}{folder}"

    @property
    def identity(self) -> str:
        """What decides which code this is: the archive's sha256, or repository, commit and folder."""
        if self.type == "archive":
            return self.sha256 or ""
        return f"git+{self.url}@{self.commit_id}#{self.subdirectory or ''}"


class Directory(_Value, frozen=True):
    """A folder on the machine that made the lock. Its path stays there, under `id`, in the user's own files."""

    id: str
    editable: bool = False


class Package(_Value, frozen=True):
    name: str
    version: str
    marker: str | None = None
    index: str | None = None
    wheels: dict[str, File] = {}
    sdist: dict[str, File] = {}
    vcs: Vcs | None = None
    directory: Directory | None = None

    @property
    def place(self) -> str:
        """Where it comes from, if from no index: an address, a repository, or a folder of one machine by its id."""
        return self.vcs.place if self.vcs else f"directory:{self.directory.id}" if self.directory else ""

    @property
    def runs_code(self) -> bool:
        """Whether some machine builds it from source."""
        return bool(self.sdist or self.vcs or self.directory)


class CondaPackage(_Value, frozen=True):
    name: str
    version: str
    build: str
    subdir: str
    channel: str
    sha256: str
    size: int | None = None


class Lock(_Value, frozen=True):
    """`spec` is the digest of the spec it was made from, `requires_python` one minor: `==3.12.*`."""

    lock_version: Literal["1.0"]
    created_by: str
    spec: str
    requires_python: str
    packages: tuple[Package, ...] = ()
    conda: tuple[CondaPackage, ...] = ()

    @property
    def minor(self) -> str:
        return self.requires_python.removeprefix("==").removesuffix(".*")

    def python_limits(self, requires: str | None) -> str:
        """Its own minor, and what the list asks for besides, where that says more."""
        if requires is None or all(SpecifierSet(requires).contains(f"{self.minor}.{patch}") for patch in (0, 999)):
            return self.requires_python
        return f"{self.requires_python},{requires}"

    @property
    def digest(self) -> str:
        rows = [
            [p.name, p.version, p.marker or "", sorted(_hashes(p))]
            for p in sorted(self.packages, key=lambda p: (p.name, p.marker or ""))
        ]
        conda = sorted([p.name, p.version, p.build, p.subdir, p.sha256] for p in self.conda)
        value: dict[str, Any] = {"requires-python": self.requires_python, "packages": rows}
        return digests.digest(value | {"conda": conda} if conda else value)

    @property
    def machine_local(self) -> tuple[str, ...]:
        """Names of packages that exist only on the machine that made the lock."""
        return tuple(p.name for p in self.packages if p.directory)


def _hashes(package: Package) -> list[str]:
    hashes = [f.sha256 for f in (*package.wheels.values(), *package.sdist.values())]
    if package.vcs:
        hashes.append(package.vcs.identity)
    if package.directory:
        hashes.append(f"directory:{package.directory.id}")
    return hashes


def wheel_filename(filename: str) -> tuple[NormalizedName, Version, frozenset[Tag]]:
    """What a wheel's name says: package, version and tags. Raises InvalidWheelFilename."""
    # Each start of a kernel asks for those of its lock, a few times. One that claims hundreds of tags is not kept.
    return (_known_filename if filename.count(".") < FEW_DOTS else _parsed_filename)(filename)


def _parsed_filename(filename: str) -> tuple[NormalizedName, Version, frozenset[Tag]]:
    name, version, _, tags = parse_wheel_filename(filename)
    return name, version, tags


_known_filename = lru_cache(maxsize=4096)(_parsed_filename)


@lru_cache(maxsize=256)
def known_marker(text: str) -> Marker:
    """Raises InvalidMarker. A lock repeats few of them many times."""
    return Marker(text)
