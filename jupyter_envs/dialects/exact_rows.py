"""Lists in which each row names one version: of what is installed, in which nobody can see what was asked for."""

from __future__ import annotations

from collections.abc import Iterable

from ..model.requirement import Requirement
from .found import Found, Pin
from .named_places import with_places
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


def found_in(listed: Listed, dialect: str, where: str, *, may_be_all: bool = True) -> Found:
    """What a list says. `may_be_all`: where all versions are exact, it has everything that is installed."""
    everything = may_be_all and are_exact(listed.requirements)
    found = Found(
        dialect,
        where,
        requirements=tuple(item for item in listed.requirements if item.source or not everything),
        pins=_pins_of(listed) if everything else (),
        limits=listed.limits,
        prerelease=listed.prerelease,
        everything=everything,
        notes=listed.notes,
    )
    return with_places(found, listed.places)


def _pins_of(listed: Listed) -> tuple[Pin, ...]:
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
