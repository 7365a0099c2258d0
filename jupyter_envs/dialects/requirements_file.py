"""requirements.txt and requirements.in: a list of what was asked for, or of everything that is
installed, as pip freeze, pip-compile and `uv export` write it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from ..kernel.lock_lines import lock_lines
from ..model.lock import Lock
from ..model.requirement import Requirement
from ..model.spec import Spec
from .found import Found, FoundIndex, Pin, Written
from .requirements_txt import Listed, PlaceOption
from .requirements_txt import read as read_list
from .unsaid import unsaid

NAME = "requirements.txt"
FILE = "requirements.txt"
LOCKS = True
SAYS = frozenset({"versions", "hashes"})
EXACT = ("==", "===")


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Raises InputError that says file and line."""
    listed = read_list([path], path.parent)
    locked = path.suffix == ".txt" and any(map(_is_exact, listed.requirements))
    locked = locked and all(item.source or _is_exact(item) for item in listed.requirements)
    return Found(
        NAME,
        path.name,
        requirements=tuple(item for item in listed.requirements if item.source or not locked),
        pins=tuple(_pin(item, listed) for item in listed.requirements if not item.source) if locked else (),
        limits=listed.limits,
        indexes=tuple(_index(option) for option in listed.places if option.option.endswith("index-url")),
        prerelease=listed.prerelease,
        everything=locked,
        notes=(*(_left(option) for option in listed.places if not option.option.endswith("index-url")), *listed.notes),
    )


def write(spec: Spec, lock: Lock | None, urls: Mapping[str, str]) -> Written:
    """The lock with its hashes, the same text for a cell and for a terminal."""
    lines = lock_lines(msgspec.to_builtins(lock)) if lock else ()
    return Written("".join(f"{line}\n" for line in lines), unsaid(spec, lock, urls, SAYS))


def _is_exact(item: Requirement) -> bool:
    return any(limit.operator in EXACT and "*" not in limit.version for limit in item.specifier)


def _pin(item: Requirement, listed: Listed) -> Pin:
    version = next(limit.version for limit in item.specifier if limit.operator in EXACT)
    return Pin(item.name, version, item.marker, listed.hashes.get(item.name, frozenset()))


def _index(option: PlaceOption) -> FoundIndex:
    return FoundIndex("", option.value, option.option == "--index-url", option.where)


def _left(option: PlaceOption) -> str:
    return f"{option.where}: {option.option} {option.value} is left out: a notebook names no places of files."
