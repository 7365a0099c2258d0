"""Lists in which each row names one version: of what is installed, in which nobody can see what was asked for."""

from __future__ import annotations

from collections.abc import Iterable

from ..model.requirement import Requirement
from .found import Pin
from .requirements_txt import Listed

EXACT = ("==", "===")


def exact_version(item: Requirement) -> str:
    """ "" if other versions fit, too."""
    exact = (limit.version for limit in item.specifier if limit.operator in EXACT)
    return next((version for version in exact if "*" not in version), "")


def are_exact(items: Iterable[Requirement]) -> bool:
    """False where nothing names a version. What comes from an address has no other one."""
    versions = [exact_version(item) for item in items if not item.source]
    return bool(versions) and all(versions)


def pins_of(listed: Listed) -> tuple[Pin, ...]:
    """Each row with its own version: of one package there may be several, for other systems."""
    rows = (item for item in listed.requirements if not item.source)
    return tuple(
        Pin(
            item.name,
            exact_version(item),
            item.marker,
            listed.hashes.get(item.name, frozenset()),
            extras=tuple(item.extras),
        )
        for item in rows
    )
