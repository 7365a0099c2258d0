"""What packages of an environment need, as their own metadata says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib.metadata import distributions

from packaging.utils import canonicalize_name

from ..errors import EnvsError
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
    found, new = set[str](), set(names) & locked
    while new:
        found |= new
        new = {needed for name in new for needed in edges.get(name, ()) if needed in locked} - found
    return frozenset(found)


def _edges(lock: Lock, here: Here) -> Mapping[str, frozenset[str]] | None:
    environment = None
    with suppress(EnvsError):  # made for another machine
        environment = here.store.find(here.closure(lock).id)
    if environment is None:
        return None
    edges: dict[str, frozenset[str]] = {}
    for each in distributions(path=[str(folder) for folder in environment.site]):
        items = (split_address(text) for text in each.requires or ())
        edges[canonicalize_name(each.metadata["Name"])] = frozenset(item[0].name for item in items if item)
    return edges
