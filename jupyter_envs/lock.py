"""What a spec resolved to: every package, its version and the sha256 of each file. PEP 751's words, compact."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec
from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from . import canonical
from .errors import InputError
from .spec import INDEX_NAME, TIMESTAMP, package_name

MAX_PACKAGES = 2000
MAX_FILES = 400
MAX_SIZE = 10**12
SHA256 = re.compile(r"[0-9a-f]{64}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
MINOR = re.compile(r"==3\.\d{1,2}\.\*")
COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
LOCAL_ID = re.compile(r"[0-9a-f]{16}")
PLACE = re.compile(r"(?:https|ssh)://(?:git@)?[A-Za-z0-9[][A-Za-z0-9.\]:-]{0,250}/[A-Za-z0-9._~:/%+@,()!*-]{1,500}")
REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,200}")


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

    @property
    def digest(self) -> str:
        rows = [
            [p.name, p.version, p.marker or "", sorted(_hashes(p))]
            for p in sorted(self.packages, key=lambda p: (p.name, p.marker or ""))
        ]
        conda = sorted([p.name, p.version, p.build, p.subdir, p.sha256] for p in self.conda)
        value: dict[str, Any] = {"requires-python": self.requires_python, "packages": rows}
        return canonical.digest(value | {"conda": conda} if conda else value)

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


def checked(lock: Lock, where: str) -> Lock:
    """The same lock; raises InputError (`lock-…`) that says where."""
    _require(_plain(lock.created_by, 200), "lock-text", f"{where}.created-by", "is no short text")
    _require(DIGEST.fullmatch(lock.spec), "lock-spec", f"{where}.spec", "is not a digest")
    _require(MINOR.fullmatch(lock.requires_python), "lock-python", f"{where}.requires-python", "is not one Python minor")
    _require(len(lock.packages) <= MAX_PACKAGES, "lock-too-many", f"{where}.packages", f"has more than {MAX_PACKAGES} rows")
    seen: set[tuple[str, str | None]] = set()
    for i, row in enumerate(lock.packages):
        here = f"{where}.packages[{i}]"
        _check_row(row, here)
        key = (row.name, row.marker)
        _require(key not in seen, "lock-dup", here, f"repeats {row.name}")
        seen.add(key)
    for i, conda in enumerate(lock.conda):
        _require(SHA256.fullmatch(conda.sha256), "lock-hash", f"{where}.conda[{i}]", "needs a sha256")
    return lock


def _check_row(row: Package, where: str) -> None:
    package_name(row.name, f"{where}.name")
    try:
        version = Version(row.version)
    except InvalidVersion:
        raise InputError("lock-version", f"{where}.version: {row.version[:60]!r} is not a version.") from None
    if row.marker is not None:
        try:
            Marker(row.marker).evaluate()
        except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName):
            raise InputError("lock-marker", f"{where}.marker: {row.marker[:60]!r} is not a marker.") from None
    _require(row.index is None or INDEX_NAME.fullmatch(row.index), "index-name", f"{where}.index", "is not an index name")
    kinds = bool(row.wheels) + bool(row.sdist) + bool(row.vcs) + bool(row.directory)
    local = row.directory and not row.sdist and not row.vcs
    _require(kinds, "lock-files", where, "names no file")
    _require(kinds == 1 or local, "lock-files", where, "names more than one kind of source")
    _require(len(row.wheels) <= MAX_FILES, "lock-files", where, f"names more than {MAX_FILES} files")
    _require(len(row.sdist) <= 1, "lock-files", f"{where}.sdist", "names more than one file")
    for filename, file in row.wheels.items():
        _check_file(filename, file, row.name, version, f"{where}.wheels")
    for filename, file in row.sdist.items():
        _check_file(filename, file, row.name, version, f"{where}.sdist")
    if row.vcs:
        _check_vcs(row.vcs, f"{where}.vcs")
    if row.directory:
        _require(LOCAL_ID.fullmatch(row.directory.id), "lock-directory", f"{where}.directory", "is not an id")


def _check_file(filename: str, file: File, name: str, version: Version, where: str) -> None:
    here = f"{where}[{filename[:120]!r}]"
    try:
        if where.endswith(".wheels"):
            found_name, found_version = parse_wheel_filename(filename)[:2]
        else:
            found_name, found_version = parse_sdist_filename(filename)
    except (InvalidWheelFilename, InvalidSdistFilename, ValueError):
        raise InputError("lock-filename", f"{here}: is not the file name of a package.") from None
    _require("/" not in filename and "\\" not in filename, "lock-filename", here, "is not a file name")
    _require(found_name == name, "lock-filename-mismatch", here, f"is not a file of {name}")
    _require(found_version == version, "lock-filename-mismatch", here, f"is not a file of {name} {version}")
    _require(SHA256.fullmatch(file.sha256), "lock-hash", here, "needs a sha256")
    _require(file.size is None or 0 < file.size < MAX_SIZE, "lock-size", here, "has an impossible size")
    _require(file.upload_time is None or TIMESTAMP.fullmatch(file.upload_time), "lock-time", here, "has an impossible time")


def _check_vcs(vcs: Vcs, where: str) -> None:
    host = vcs.url.partition("://")[2].partition("/")[0]
    _require(re.fullmatch(r"(?:git@)?[^@]*", host), "url-credentials", where, "must not carry a name or password")
    _require(PLACE.fullmatch(vcs.url), "url-scheme", where, "needs a plain https or ssh address")
    if vcs.type == "git":
        _require(COMMIT.fullmatch(vcs.commit_id or ""), "lock-commit", where, "needs a commit id")
    else:
        _require(SHA256.fullmatch(vcs.sha256 or ""), "lock-hash", where, "needs a sha256")
    for text in (vcs.requested_revision, vcs.subdirectory):
        _require(text is None or (REVISION.fullmatch(text) and ".." not in text), "lock-revision", where, "is odd")


def _plain(text: str, length: int) -> bool:
    return len(text) <= length and text.isprintable()


def _require(condition: object, code: str, where: str, what: str) -> None:
    if not condition:
        raise InputError(code, f"{where}: {what}.")
