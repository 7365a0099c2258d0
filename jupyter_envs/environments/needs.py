"""What packages of an environment need, as their own metadata says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib.metadata import distributions

from packaging.utils import canonicalize_name

from ..errors import EnvsError
from ..model.closure import certainly_applies, marker_environment
from ..model.lock import Lock
from ..model.requirement import split_address
from .here import Here


def all_needed(names: Iterable[str], lock: Lock, here: Here) -> frozenset[str]:
    """Names of the lock that these need, and what those need, whatever extras there are. All of them if the lock is not
    built here: nobody knows then."""
    locked = frozenset(package.name for package in lock.packages)
    edges = _edges(lock, here)
    if edges is None:
        return locked
    return _reached(locked.intersection(names), edges) & locked


def _reached(names: Iterable[str], edges: Mapping[str, frozenset[str]]) -> frozenset[str]:
    found, new = set[str](), set(names)
    while new:
        found |= new
        new = {needed for name in new for needed in edges.get(name, ())} - found
    return frozenset(found)


def roots(names: Iterable[str], lock: Lock, here: Here) -> frozenset[str] | None:
    """Those of the names that no other of them needs, and one of each circle; None if the lock is not built here."""
    edges, left = _edges(lock, here, extras=False), [*dict.fromkeys(names)]
    if edges is None:
        return None
    needed = {other for name in left for other in edges.get(name, ()) if other != name}
    found = {name for name in left if name not in needed}
    reached = _reached(found, edges)
    for name in left:
        if name not in reached:
            found.add(name)
            reached |= _reached([name], edges)
    return frozenset(found)


def _edges(lock: Lock, here: Here, *, extras: bool = True) -> Mapping[str, frozenset[str]] | None:
    """`extras`: also what only extras of packages need."""
    environment = None
    with suppress(EnvsError):  # made for another machine
        environment = here.store.find(here.closure(lock).id)
    if environment is None:
        return None
    edges: dict[str, frozenset[str]] = {}
    plain = {} if extras else marker_environment(here.interpreter_for(lock)) | {"extra": ""}
    for each in distributions(path=[str(folder) for folder in environment.site]):
        items = (split_address(text) for text in each.requires or ())
        needs = [item[0] for item in items if item]
        edges[canonicalize_name(each.metadata["Name"])] = frozenset(
            item.name for item in needs if extras or certainly_applies(item.marker, plain)
        )
    return edges
