"""Which packages of a pylock.toml belong to extras and groups that nobody took: PEP 751 says it in their markers."""

from __future__ import annotations

import re
from collections.abc import Collection

from packaging.markers import Marker
from packaging.pylock import Pylock
from packaging.utils import canonicalize_name

from .lock_rows import FALSE, TRUE

MEMBER = re.compile(r"""["']([^"']*)["'] (not )?in (?:extras|dependency_groups)\b""")


def groups_of(lock: Pylock) -> dict[str, tuple[()]]:
    """Those that can be taken, without those that a file without choice brings anyway."""
    usual = set(map(canonicalize_name, lock.default_groups or ()))
    names = [*(lock.extras or ()), *(lock.dependency_groups or ())]
    return {name: () for name in map(str, names) if canonicalize_name(name) not in usual}


def taken_of(lock: Pylock, groups: Collection[str]) -> frozenset[str]:
    return frozenset(map(canonicalize_name, (*groups, *(lock.default_groups or ()))))


def for_taken(marker: Marker | None, taken: Collection[str]) -> tuple[bool, Marker | None]:
    """Whether a package may be needed with these extras and groups, and the condition that is left."""
    text = str(marker or "")
    said = MEMBER.sub(lambda one: TRUE if (canonicalize_name(one[1]) in taken) != bool(one[2]) else FALSE, text)
    if said == text:
        return True, marker
    if " or " not in said:
        parts = [part for part in said.split(" and ") if part != TRUE]
        return FALSE not in parts, Marker(" and ".join(parts)) if parts else None
    return True, Marker(said)
