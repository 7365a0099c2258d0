"""What is known about the packages of a closure without asking anybody, for the person who decides about them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

from ..model.closure import Chosen, Closure

YOUNG = timedelta(days=7)
SHORTEST = 5
"""Too many shorter names are one letter away from another."""
POPULAR = Path(__file__).with_name("popular.txt")
Json = dict[str, Any]


def facts(
    closure: Closure,
    digest: str,
    *,
    new: Collection[str],
    declared: Collection[str] = (),
    fetch: int | None = None,
    beyond: Collection[str] = (),
    now: datetime | None = None,
) -> Json:
    """`Proposal` of wire/packages.py: new packages first, and what the notebook asks for before what that needs. `new`:
    names of packages whose file was never approved here; `fetch`: bytes that have to be downloaded; `beyond`: what the
    list asks for and these packages do not show."""
    moment = now or datetime.now(timezone.utc)
    rows = sorted(closure.rows, key=lambda row: (row.name not in new, row.name not in declared, row.name))
    return {
        "digest": digest,
        "python": closure.interpreter.minor,
        "bytes": closure.size if fetch is None else fetch,
        "new": [row.name for row in rows if row.name in new],
        "indexes": sorted({row.index or "" for row in rows if row.kind in ("wheel", "sdist")}),
        "packages": [_fact(row, row.name in new, row.name in declared, moment) for row in rows],
        **({"beyond": list(beyond)} if beyond else {}),
    }


def _fact(row: Chosen, new: bool, declared: bool, now: datetime) -> Json:
    like = lookalike(row.name) if new else None
    marks = (
        ("source", row.runs_code),
        ("address", row.vcs is not None),
        ("lookalike", like is not None),
        ("young", is_young(row, now)),
    )
    return {
        "name": row.name,
        "version": row.version,
        "size": row.size,
        "kind": row.kind,
        "declared": declared,
        "new": new,
        "index": row.index,
        "uploaded": row.uploaded,
        "marks": [mark for mark, holds in marks if holds],
        "like": like,
        **({"address": row.vcs.shown} if row.vcs else {}),
    }


def age_of(row: Chosen, now: datetime) -> timedelta | None:
    """Time since its file was published, as the lock says; None if the lock does not say."""
    if row.uploaded is None:
        return None
    try:
        uploaded = datetime.fromisoformat(row.uploaded.replace("Z", "+00:00"))
    except ValueError:
        return None
    return now - (uploaded if uploaded.tzinfo else uploaded.replace(tzinfo=timezone.utc))


def is_young(row: Chosen, now: datetime) -> bool:
    age = age_of(row, now)
    return age is not None and age < YOUNG


def lookalike(name: str) -> str | None:
    """The very popular name that this name differs from by a single letter: one more, one less, another one, or two
    that are swapped. None for popular names themselves."""
    known = popular()
    if name in known:
        return None
    close = {near for shape in _shapes(name) for near in _by_shape().get(shape, ()) if _one_step(name, near)}
    return min(close, default=None)


@cache
def popular() -> frozenset[str]:
    return frozenset(POPULAR.read_text(encoding="utf-8").split())


@cache
def _by_shape() -> dict[str, list[str]]:
    """Shape -> the popular names that have it. Names that differ by one step have a shape in common."""
    shapes: dict[str, list[str]] = {}
    for name in popular():
        if len(name) >= SHORTEST:
            for shape in _shapes(name):
                shapes.setdefault(shape, []).append(name)
    return shapes


def _shapes(name: str) -> Iterator[str]:
    """The name, and the name without each of its letters."""
    yield name
    for i in range(len(name)):
        yield name[:i] + name[i + 1 :]


def _one_step(one: str, other: str) -> bool:
    if len(one) > len(other):
        one, other = other, one
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    swapped = one[start : start + 2][::-1] == other[start : start + 2]
    return one[start + 1 :] == other[start + 1 :] or (swapped and one[start + 2 :] == other[start + 2 :])
