"""The cause of a failure, and the ways out of it: a pure function of the failure and of what the indexes say.

Of several causes the simplest is told: a name that does not exist before a version that does not, that before a
conflict, and a conflict before a wheel that is missing: nobody should build a package from source in vain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from packaging.specifiers import SpecifierSet

from ...machine.indexes.facts import Known
from . import files, naming, versions
from .conflicts import conflict
from .values import Diagnosis, Facts, Failure


@dataclass(frozen=True)
class Wanted:
    """A package, and who needs it within which limits; `who` is "" for the notebook itself."""

    name: str
    limits: SpecifierSet
    who: str = ""


def diagnose(failure: Failure, facts: Facts) -> Diagnosis | None:
    """None if the facts do not show why."""
    wanted = list(all_wanted(failure))
    for look in (_of_names, _of_versions):
        for each in wanted:
            if found := look(each, failure, facts):
                return found
    if found := conflict(failure, facts):
        return found
    return next((found for each in wanted if (found := _of_files(each, failure, facts))), None)


def all_wanted(failure: Failure) -> Iterator[Wanted]:
    """What was typed, what else the notebook asks for, and what these need, as far as the engine speaks of it."""
    limits = failure.limits
    for name, limit in limits.items():
        yield Wanted(name, limit)
    for need in failure.needs:
        if need.who and need.name not in limits and need.name not in failure.sourced:
            yield Wanted(need.name, need.limits, need.who)
    told = failure.error.data.get("packages")
    for name in told if isinstance(told, list) else []:
        if name not in limits and name not in failure.sourced and all(need.name != name for need in failure.needs):
            yield Wanted(str(name), SpecifierSet())


def _of_names(wanted: Wanted, failure: Failure, facts: Facts) -> Diagnosis | None:
    """Nothing is said about a name that an index has, and that could be had."""
    if wanted.name == "python" and not wanted.who:
        return naming.python_itself(wanted.limits, failure, facts)
    if wanted.name not in facts.packages:
        return None
    known = facts.packages[wanted.name]
    if wanted.who:
        return naming.missing_need(wanted.name, wanted.who, facts) if known is None else None
    if known is None:
        return naming.missing(wanted.name, failure, facts)
    refused = failure.error.code == "needs-build" and wanted.name in failure.error.data.get("packages", ())
    return naming.mistaken(wanted.name, failure, facts) if refused else None


def _of_versions(wanted: Wanted, failure: Failure, facts: Facts) -> Diagnosis | None:
    known = _known(wanted, facts)
    return versions.no_version(known, wanted.limits, wanted.who, failure) if known else None


def _of_files(wanted: Wanted, failure: Failure, facts: Facts) -> Diagnosis | None:
    known = _known(wanted, facts)
    return files.no_file(known, wanted.limits, wanted.who, failure, facts) if known else None


def _known(wanted: Wanted, facts: Facts) -> Known | None:
    known = facts.packages.get(wanted.name)
    return known if known and known.releases else None
