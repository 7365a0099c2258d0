"""Two needs that no version satisfies at once."""

from __future__ import annotations

from itertools import combinations

from packaging.specifiers import SpecifierSet

from ...engines.protocols import Need
from ...machine.indexes.facts import Release
from .releases import final, fitting, standing
from .values import ANY, Diagnosis, Facts, Failure, Way


def conflict(failure: Failure, facts: Facts) -> Diagnosis | None:
    """None if the engine names no two needs that exclude each other, as far as the index has versions. Of several pairs
    the one of the newest versions is told."""
    if failure.error.code != "conflict":
        return None
    asked = [Need("", SpecifierSet(), name, limits) for name, limits in failure.limits.items()]
    needs = [*asked, *(need for need in failure.needs if need.who)]
    pairs = [
        (one, other)
        for one, other in combinations(needs, 2)
        if one.name == other.name and one.who != other.who and _exclude(one, other, facts)
    ]
    best = min(pairs, key=lambda pair: sum(not _of_newest(need, failure, facts) for need in pair), default=None)
    return _told(*best, failure, facts) if best else None


def _exclude(one: Need, other: Need, facts: Facts) -> bool:
    known = facts.packages.get(one.name)
    return known is not None and not fitting(known, one.limits & other.limits)


def _newest(name: str, failure: Failure, facts: Facts) -> Release | None:
    """What would be taken of it."""
    known = facts.packages.get(name)
    limits = failure.limits.get(name, SpecifierSet())
    return next(reversed(standing(final(fitting(known, limits), limits))), None) if known else None


def _of_newest(need: Need, failure: Failure, facts: Facts) -> bool:
    """Whether it is what the newest version needs."""
    newest = _newest(need.who, failure, facts) if need.who else None
    return not need.who or (newest is not None and need.versions.contains(newest.version, prereleases=True))


def _told(one: Need, other: Need, failure: Failure, facts: Facts) -> Diagnosis:
    first, second = (other, one) if not one.who else (one, other)
    needs = _needs(first, failure, facts)
    both = f"you ask for {second.name}{second.limits}" if not second.who else _needs(second, failure, facts)
    roots = [root for need in (second, first) for root in _roots(need, failure)]
    ways = [way for root in dict.fromkeys(roots) for way in _ways(root, failure)]
    return Diagnosis("conflict", "conflict", f"{needs}, and {both}.", tuple(ways))


def _needs(need: Need, failure: Failure, facts: Facts) -> str:
    """`pandas 2.2.3 needs numpy>=1.23.2`; of what nobody asked for: `botocore, which boto3 needs, needs urllib3<2`."""
    newest = _newest(need.who, failure, facts)
    exact = [part.version for part in need.versions if part.operator == "=="]
    if newest and len(need.versions) and _of_newest(need, failure, facts):
        which = f" {newest.version}"
    else:
        which = f" {exact[0]}" if len(exact) == 1 == len(need.versions) else str(need.versions)
    asker = next((other.who for other in failure.needs if other.name == need.who and other.who), "")
    through = f", which {asker} needs," if asker and need.who not in failure.limits else ""
    return f"{need.who}{which}{through} needs {need.name}{need.limits}"


def _roots(need: Need, failure: Failure) -> list[str]:
    """What the notebook asks for on the way to this need."""
    name = need.who or need.name
    seen: set[str] = set()
    while name not in failure.limits and name not in seen:
        seen.add(name)
        name = next((other.who for other in failure.needs if other.name == name and other.who), name)
    return [name] if name in failure.limits else []


def _ways(root: str, failure: Failure) -> list[Way]:
    """Without the limit, if there is one, otherwise without the package."""
    if failure.limits.get(root):
        return [Way("limit", f"Drop the limit of {root}", (failure.instead(root, root + ANY),))]
    rest = failure.without(root)
    typed = any(item.name == root for item in failure.typed)
    return [Way("without", f"Install the rest, without {root}", (rest,))] if rest and typed else []
