"""What a lock may say. Every refusal says where. The amounts are limited, so that checking a lock never takes long."""

from __future__ import annotations

import math
import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from packaging.markers import InvalidMarker, UndefinedComparison, UndefinedEnvironmentName
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
)
from packaging.version import InvalidVersion, Version

from ..errors import InputError
from .lock import CondaPackage, File, Lock, Package, Vcs, known_marker, wheel_filename
from .requirement import METACHARACTERS, VERSION
from .spec import INDEX_NAME, TIMESTAMP, Spec, check_kernel, package_name

NAMED = 3
"""How many of several a sentence names."""
MAX_PACKAGES = 2000
MAX_FILES = 400
MAX_SIZE = 10**12
MAX_FILENAME = 255
MAX_MARKER = 4000
MAX_MARKERS = 1_000_000
"""Characters of all markers of a lock."""
MAX_TAGS = 50_000
"""Of all wheels of a lock: a file name of 250 characters can claim to fit 60,000 kinds of machines."""
SHA256 = re.compile(r"[0-9a-f]{64}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
MINOR = re.compile(r"==3\.\d{1,2}\.\*", re.ASCII)
# Compiled when they are needed: few locks have what these are for.
COMMIT = r"[0-9a-f]{40}(?:[0-9a-f]{24})?"
CONDA_WORD = r"[A-Za-z0-9_.!+~-]{1,128}"
LOCAL_ID = r"[0-9a-f]{16}"
PLACE = r"(?:https|ssh)://(?:git@)?[A-Za-z0-9[][A-Za-z0-9.\]:-]{0,250}/[A-Za-z0-9._~:/%+@,()!*-]{1,500}"
REVISION = r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,200}"
METADATA = ("metadata.google.internal", "metadata")


def check_lock(lock: Lock, where: str) -> Lock:
    """The same lock; raises InputError (`lock-…`) that says where."""
    _check_amounts(lock, f"{where}.packages")
    made_by = lock.created_by
    _require(
        len(made_by) <= 200 and made_by.isprintable(),
        "lock-text",
        f"{where}.created-by",
        "is too long, or contains control characters",
    )
    _require(DIGEST.fullmatch(lock.spec), "lock-spec", f"{where}.spec", "is not a digest")
    _require(
        MINOR.fullmatch(lock.requires_python),
        "lock-python",
        f"{where}.requires-python",
        "is not a minor version of Python",
    )
    seen: set[tuple[str, str | None]] = set()
    for i, row in enumerate(lock.packages):
        here = f"{where}.packages[{i}]"
        _check_row(row, here)
        key = (row.name, row.marker)
        _require(key not in seen, "lock-dup", here, f"repeats {row.name}")
        seen.add(key)
    for i, conda in enumerate(lock.conda):
        _check_conda(conda, f"{where}.conda[{i}]")
    return lock


def _check_amounts(lock: Lock, where: str) -> None:
    """This comes first, so that nothing below takes long."""
    _require(len(lock.packages) <= MAX_PACKAGES, "lock-too-many", where, f"has more than {MAX_PACKAGES} rows")
    _require(len(lock.conda) <= MAX_PACKAGES, "lock-too-many", where, f"has more than {MAX_PACKAGES} rows")
    _require(_tags(lock) <= MAX_TAGS, "lock-too-many", where, "claims to fit more machines than there are")
    markers = sum(len(row.marker or "") for row in lock.packages)
    _require(markers <= MAX_MARKERS, "lock-too-many", where, "has longer markers than any real lock")


def _tags(lock: Lock) -> int:
    """How many tags the names of all wheels stand for, counted without making them."""
    return sum(
        math.prod(part.count(".") + 1 for part in filename.removesuffix(".whl").split("-")[-3:])
        for row in lock.packages
        for filename in row.wheels
    )


def _check_conda(row: CondaPackage, where: str) -> None:
    _require(SHA256.fullmatch(row.sha256), "lock-hash", where, "needs a sha256")
    _require(row.size is None or 0 < row.size < MAX_SIZE, "lock-size", where, "has an impossible size")
    for key in ("name", "version", "build", "subdir", "channel"):
        _require(
            re.fullmatch(CONDA_WORD, getattr(row, key)), "lock-text", f"{where}.{key}", "is not a valid conda value"
        )


def _check_row(row: Package, where: str) -> None:
    package_name(row.name, f"{where}.name")
    version = _version(row.version, f"{where}.version")
    if row.marker is not None:
        _check_marker(row.marker, f"{where}.marker")
    _require(
        row.index is None or INDEX_NAME.fullmatch(row.index), "index-name", f"{where}.index", "is not an index name"
    )
    kinds = bool(row.wheels) + bool(row.sdist) + bool(row.vcs) + bool(row.directory)
    local = row.directory and not row.sdist and not row.vcs
    _require(kinds, "lock-files", where, "has no file")
    _require(kinds == 1 or local, "lock-files", where, "has more than one kind of source")
    _require(len(row.wheels) <= MAX_FILES, "lock-files", where, f"names more than {MAX_FILES} files")
    _require(len(row.sdist) <= 1, "lock-files", f"{where}.sdist", "names more than one file")
    for filename, file in row.wheels.items():
        _check_file(filename, file, row.name, version, f"{where}.wheels")
    for filename, file in row.sdist.items():
        _check_file(filename, file, row.name, version, f"{where}.sdist")
    if row.vcs:
        _check_vcs(row.vcs, f"{where}.vcs")
    if row.directory:
        _require(re.fullmatch(LOCAL_ID, row.directory.id), "lock-directory", f"{where}.directory", "is not an id")


def _version(text: str, where: str) -> Version:
    try:
        if VERSION.fullmatch(text):
            return Version(text)
    except InvalidVersion:
        pass
    raise InputError("lock-version", f"{where}: {text[:60]!r} is not a version.")


def _check_marker(text: str, where: str) -> None:
    try:
        if len(text) <= MAX_MARKER and text.isascii() and text.isprintable() and not METACHARACTERS.search(text):
            known_marker(text).evaluate()
            return
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName, RecursionError):
        pass
    raise InputError("lock-marker", f"{where}: {text[:60]!r} is not a marker.")


def _check_file(filename: str, file: File, name: str, version: Version, where: str) -> None:
    here = f"{where}[{filename[:120]!r}]"
    plain = (
        len(filename) <= MAX_FILENAME
        and filename.isascii()
        and filename.isprintable()
        and not re.search(r"[/\\]", filename)
    )
    _require(plain, "lock-filename", here, "is not a file name")
    try:
        if where.endswith(".wheels"):
            found_name, found_version = wheel_filename(filename)[:2]
        else:
            found_name, found_version = parse_sdist_filename(filename)
    except (InvalidWheelFilename, InvalidSdistFilename, ValueError):
        raise InputError("lock-filename", f"{here}: is not the file name of a package.") from None
    _require(found_name == name, "lock-filename-mismatch", here, f"is not a file of {name}")
    _require(found_version == version, "lock-filename-mismatch", here, f"is not a file of {name} {version}")
    _require(SHA256.fullmatch(file.sha256), "lock-hash", here, "needs a sha256")
    _require(file.size is None or 0 < file.size < MAX_SIZE, "lock-size", here, "has an impossible size")
    _require(
        file.upload_time is None or TIMESTAMP.fullmatch(file.upload_time), "lock-time", here, "has an impossible time"
    )


def _check_vcs(vcs: Vcs, where: str) -> None:
    host = vcs.url.partition("://")[2].partition("/")[0]
    _require(
        re.fullmatch(r"(?:git@)?[^@]*", host), "url-credentials", where, "must not contain a user name or a password"
    )
    _require(re.fullmatch(PLACE, vcs.url), "url-scheme", where, "must be a plain https or ssh address")
    _require(_ordinary(vcs.url), "url-host", where, "names a host or port that packages never come from")
    if vcs.type == "git":
        _require(re.fullmatch(COMMIT, vcs.commit_id or ""), "lock-commit", where, "needs a commit id")
    else:
        _require(SHA256.fullmatch(vcs.sha256 or ""), "lock-hash", where, "needs a sha256")
    for text in (vcs.requested_revision, vcs.subdirectory):
        _require(
            text is None or (re.fullmatch(REVISION, text) and ".." not in text), "lock-revision", where, "is not valid"
        )


def _ordinary(url: str) -> bool:
    """Neither a machine's own metadata service nor a port of another service: a lock must not make anybody contact
    those."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    usual = 443 if parts.scheme == "https" else 22
    return bool(host) and host not in METADATA and not _odd_address(host) and (port in (None, usual) or port >= 1024)


def _odd_address(host: str) -> bool:
    """Written in numbers in a form that only some programs read, or the address of a machine that cannot serve
    packages."""
    if re.fullmatch(r"[0-9.]+|0x[0-9a-f.x]+", host) and not re.fullmatch(
        r"[1-9]\d{0,2}(?:\.(?:0|[1-9]\d{0,2})){3}", host
    ):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return mapped.is_link_local or mapped.is_multicast or mapped.is_unspecified or mapped.is_reserved


def _require(condition: object, code: str, where: str, what: str) -> None:
    if not condition:
        raise InputError(code, f"{where}: {what}.")


def check_supported(spec: Spec, lock: Lock | None) -> None:
    """Raises InputError `needs-conda` or `needs-project` for what no engine here can give yet, and `needs-kernel`. An
    environment without it would be a different one, so there is none: it is not locked, built, run or called ready."""
    check_kernel(spec)
    conda = spec.conda
    asked = list(conda.dependencies) if conda else []
    asked = asked or [f"{row.name} {row.version}" for row in (lock.conda if lock else ())]
    asked = asked or [f"the channel {name}" for name in (conda.channels if conda else ())]
    if asked:
        more = f" and {len(asked) - NAMED} more" if len(asked) > NAMED else ""
        raise InputError(
            "needs-conda",
            f"This notebook asks conda for {', '.join(asked[:NAMED])}{more}, and jupyter-envs cannot install anything "
            "from conda yet.",
            data={"conda": asked},
        )
    if spec.project:
        raise InputError(
            "needs-project",
            f"This notebook takes its packages from the project {spec.project}, and jupyter-envs cannot do that yet.",
        )
