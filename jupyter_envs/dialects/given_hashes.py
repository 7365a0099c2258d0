"""The hashes that a requirements file gives, and which of them can be checked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from ..errors import InputError
from ..model.hashes import Hashes
from ..model.requirement import Requirement
from ..system.files import sha256_of

SHA256 = re.compile(r"sha256:([0-9a-fA-F]{64})")
GIVES_HASHES = "Write the file with a tool that gives sha256 hashes: pip-compile --generate-hashes, uv export."
LARGEST = 2 << 30
"""Bytes of a file on this machine whose hash is computed."""
_looking = ContextVar("looking", default=False)


@contextmanager
def looking() -> Iterator[None]:
    """While somebody only looks what there is, no file is hashed: it may be large, and nothing of it is taken."""
    before = _looking.set(True)
    try:
        yield
    finally:
        _looking.reset(before)


@dataclass(frozen=True)
class Limited:
    """A constraint with its hashes; `where` is file and line."""

    where: str
    name: str
    hashes: frozenset[str]


def hashes_of(values: Collection[str], where: str) -> frozenset[str]:
    """The sha256 hashes among the values of `--hash`. Raises InputError if there are only other hashes."""
    found = frozenset(match[1].lower() for value in values if (match := SHA256.fullmatch(value)))
    if values and not found:
        raise InputError(
            "requirements-hash",
            f"{where}: this line has no sha256 hash, and other hashes cannot be checked.",
            hint=GIVES_HASHES,
        )
    return found


def with_hash(item: Requirement, given: frozenset[str], where: str) -> Requirement:
    """The same, with the hash of its archive, which is checked before anything in the file runs."""
    assert item.source and item.source.vcs
    git = item.source.vcs.type == "git"
    if git or len(given) > 1:
        what = "a repository has no hash" if git else "an address has exactly one file"
        raise InputError(
            "requirements-hash", f"{where}: {item.name} has hashes that cannot be checked: {what}.",
            hint="For a repository, name the commit (@COMMIT); for an archive, give exactly one hash.",
        )  # fmt: skip
    vcs = msgspec.structs.replace(item.source.vcs, sha256=next(iter(given)))
    return replace(item, source=replace(item.source, vcs=vcs))


def check_file(text: str, item: Requirement, given: frozenset[str], where: str) -> bool:
    """Whether a file on this machine has hashes, after it or in its address. They are checked here, before anything in
    the file runs. Raises InputError if the hash is wrong, or if it is a folder."""
    assert item.source and item.source.path
    path = item.source.path
    behind = re.search(r"#(?:.*&)?sha256=([^&\s]*)", text) if "file:" in text else None
    for hashes in (given, hashes_of([f"sha256:{behind[1]}"], where) if behind else frozenset()):
        if hashes and not path.is_file():
            raise InputError(
                "requirements-hash", f"{where}: {item.name} comes from a folder, and only files have hashes.",
                hint="Remove the hash, or name an archive or a wheel.",
            )  # fmt: skip
        if hashes and path.stat().st_size > LARGEST:
            raise InputError(
                "requirements-hash", f"{where}: {path.name} is larger than {LARGEST >> 30} GB.",
                hint="Remove the line in a copy of the file, and install the archive by its path.",
            )  # fmt: skip
        if hashes and not _looking.get() and sha256_of(path) not in hashes:
            raise InputError(
                "requirements-hash", f"{where}: {path.name} does not have the given hash.",
                hint="Find out who changed the file. If it is the right one, put its actual hash into the list.",
            )  # fmt: skip
    return bool(given or behind)


def check_pinned(item: Requirement, where: str) -> None:
    """Raises InputError if hashes are not for one exact version."""
    limits = list(item.specifier)
    if len(limits) != 1 or limits[0].operator not in ("==", "===") or limits[0].version.endswith("*"):
        raise InputError(
            "requirements-hash", f"{where}: {item.name} has hashes, but is not pinned to one version.",
            hint="Pin it with `==`, or remove the hashes.",
        )  # fmt: skip


def together(asked: Mapping[str, frozenset[str]], limited: Sequence[Limited], placed: Collection[str]) -> Hashes:
    """The hashes of requirements and those of constraints, which may only reduce the allowed files. Raises InputError
    if they have no file in common, or if the package of a constraint has a source of its own (`placed`)."""
    allowed: dict[str, frozenset[str]] = {}
    lines = {limit.name: limit.where for limit in limited}
    for limit in limited:
        allowed[limit.name] = allowed.get(limit.name, frozenset()) | limit.hashes
    for name, hashes in allowed.items():
        if name in placed:
            raise InputError(
                "requirements-hash", f"{lines[name]}: {name} has hashes here, but does not come from an index.",
                hint="Put the hash after the address of the package, or remove it from the constraints.",
            )  # fmt: skip
        if not hashes & asked.get(name, hashes):
            raise InputError(
                "requirements-hash", f"{lines[name]}: {name} has different hashes in the requirements.",
                hint=GIVES_HASHES,
            )  # fmt: skip
    return {**asked, **{name: hashes & asked.get(name, hashes) for name, hashes in allowed.items()}}
