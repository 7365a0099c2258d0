"""Which versions to try, in which order: those of the notebook's time first, then newer ones, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import msgspec
from packaging.specifiers import SpecifierSet

from ..dialects.found import Found
from .dates import FIRST_RELEASES, FIRST_WHEELS, NEXT_RELEASE, RECENT, minor_of
from .proposal import Proposal


@dataclass(frozen=True)
class Rung:
    """`name`: for programs; `why`: for people."""

    name: str
    why: str
    found: Found


def ladder(proposal: Proposal, here: Sequence[str], oldest: str, today: date) -> Iterator[Rung]:
    """`here`: minors of the Pythons on this machine, the usual one first; `oldest`: the oldest a notebook can have."""
    day = proposal.date.day if proposal.date and proposal.date.day <= today - RECENT else None
    if day is not None:
        yield from _of_its_time(proposal, day, here, today)
    yield Rung("newest", "the newest versions that fit", proposal.found())
    if loose := _without_versions(proposal):
        yield Rung("relaxed", "the newest versions, without the limits in the notebook's pip lines", loose)
    if day is not None and (minor := _then(proposal, day, oldest)) and minor not in here:
        since = max(day, FIRST_WHEELS.get(minor, day))
        why = f"as on {since.isoformat()}, with the Python of that time, {minor}"
        yield Rung("python", why, proposal.found(since.isoformat(), f"=={minor}.*"))


def _of_its_time(proposal: Proposal, day: date, here: Sequence[str], today: date) -> Iterator[Rung]:
    assert proposal.date
    minor = nearest(proposal, day, here)
    python = f"=={minor}.*" if minor else None
    since = max(day, FIRST_WHEELS.get(minor or "", day))
    said = f"as on {since.isoformat()}"
    why = f"{said}: {proposal.date.why}"
    if since != day:
        first = f"{said}, the first day with packages for Python {minor}"
        why = f"{first}; the notebook is from {day.isoformat()}: {proposal.date.why}"
    later = since + NEXT_RELEASE
    next_one = Rung(
        "next-release",
        f"as on {later.isoformat()}, when the next releases had come",
        proposal.found(later.isoformat(), python),
    )
    if proposal.library and later < today:
        yield replace(next_one, why=f"{next_one.why}: the notebook belongs to the project that it imports")
    yield Rung("era", why, proposal.found(since.isoformat(), python))
    if not proposal.library and later < today:
        yield next_one


def nearest(proposal: Proposal, day: date, here: Sequence[str]) -> str | None:
    """Of the Pythons on this machine: the notebook's own, or the next newer one; where it does not tell, the usual one,
    or the newest of that day."""
    known = sorted((minor for minor in here if minor in FIRST_WHEELS), key=_number)
    if not known:
        return None
    if proposal.python:
        own = _number(minor_of(proposal.python))
        return next((minor for minor in known if _number(minor) >= own), known[-1])
    then = [minor for minor in known if FIRST_WHEELS[minor] <= day]
    return here[0] if here[0] in then else then[-1] if then else known[0]


def _then(proposal: Proposal, day: date, oldest: str) -> str | None:
    """The Python of the time, or the oldest that there is."""
    if proposal.python:
        own = minor_of(proposal.python)
    else:
        usual = [minor for minor, since in FIRST_WHEELS.items() if since + timedelta(days=180) <= day]
        own = usual[-1] if usual else oldest
    if own not in FIRST_RELEASES:
        return None
    return own if _number(own) >= _number(oldest) else oldest


def _number(minor: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", minor))


def _without_versions(proposal: Proposal) -> Found | None:
    found = proposal.found(pinned=False)
    loose = tuple(msgspec.structs.replace(item, specifier=SpecifierSet()) for item in found.requirements)
    return replace(found, requirements=loose, limits=()) if loose != found.requirements or found.limits else None
