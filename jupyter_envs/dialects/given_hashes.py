"""The hashes that a requirements file gives, and which of them can be compared."""

from __future__ import annotations

import re
from collections.abc import Collection

from packaging.requirements import Requirement

from ..errors import InputError
from ..model.requirement import Typed

SHA256 = re.compile(r"sha256:([0-9a-fA-F]{64})")
GIVES_HASHES = "Write the file with a tool that gives sha256 hashes: pip-compile --generate-hashes, uv export."


def hashes_of(values: Collection[str], where: str) -> frozenset[str]:
    """The sha256 hashes among the values of `--hash`. Raises InputError where there are only others."""
    found = frozenset(match[1].lower() for value in values if (match := SHA256.fullmatch(value)))
    if values and not found:
        raise InputError(
            "requirements-hash", f"{where}: has no sha256 hash, and others cannot be compared.", hint=GIVES_HASHES
        )
    return found


def with_hash(text: str, typed: Typed, given: frozenset[str], where: str) -> str:
    """The address with the hash of its file behind it, which is looked at before anything of the file runs."""
    git = typed.vcs is not None and typed.vcs.type == "git"
    if git or len(given) > 1:
        what = "a repository has no hash" if git else "one address has one file"
        raise InputError(
            "requirements-hash", f"{where}: {typed.name} has hashes that cannot be compared: {what}.",
            hint="Name the commit of a repository (@COMMIT), or the one hash of an archive.",
        )  # fmt: skip
    address, space, marker = text.partition(" ;")
    return f"{address}{'&' if '#' in address else '#'}sha256={next(iter(given))}{space}{marker}"


def is_pinned(requirement: str) -> bool:
    limits = list(Requirement(requirement).specifier)
    return len(limits) == 1 and limits[0].operator in ("==", "===") and not limits[0].version.endswith("*")
