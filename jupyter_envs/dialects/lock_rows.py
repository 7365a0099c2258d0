"""What the locks of projects have in common: rows with hashes, and a project file beside them that says what was asked
for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from pathlib import Path

from msgspec import structs
from packaging.utils import canonicalize_name

from ..errors import InputError
from ..model.requirement import Requirement
from .found import Found, is_pypi
from .given_hashes import SHA256
from .project import IndexList, without_user
from .shapes import WRITE_AGAIN

EXTRA = re.compile(r"""extra == ["']([^"']*)["']""")
TRUE, FALSE = "python_full_version >= '0'", "python_full_version < '0'"
MANY = 20_000
"""Rows: no environment has so many packages."""
PROJECT = "pyproject.toml"


def sha256(values: Iterable[object]) -> frozenset[str]:
    """Those among the hashes of files that are `sha256:…`; none if one of the files has no such hash."""
    found = [SHA256.fullmatch(value) if isinstance(value, str) else None for value in values]
    return frozenset(match[1].lower() for match in found if match) if all(found) else frozenset()


def for_extras(text: str) -> list[str]:
    """The extras in the text of a marker."""
    return [*dict.fromkeys(EXTRA.findall(text))]


def of_extra(text: str, *extras: str) -> str:
    """The condition that is left where these extras are taken and no others; "" for none."""
    taken = {canonicalize_name(extra) for extra in extras}
    found = EXTRA.sub(lambda one: TRUE if canonicalize_name(one[1]) in taken else FALSE, text)
    if " or " not in found:
        found = found.replace(f" and {TRUE}", "").replace(f"{TRUE} and ", "")
    return "" if found == TRUE else found


def check_number(rows: Collection[object], where: str) -> None:
    """Raises InputError."""
    if len(rows) > MANY:
        raise InputError("foreign-file", f"{where} lists more than {MANY} packages.", hint=WRITE_AGAIN)


def take_registries(rows: Iterable[tuple[str, str]], indexes: IndexList, where: str) -> None:
    """Names of packages, and the address of the index that each comes from; "" for the usual one. What most of them
    come from is the one that is asked about every package, if no PyPI is there."""
    places = [(name, without_user(url)) for name, url in rows]
    urls = Counter(url for _, url in places)
    usual = next((url for url in urls if not url or is_pypi(url)), None)
    first = usual if usual is not None else next((url for url, _ in urls.most_common(1)), "")
    indexes.pypi = usual is not None or not urls
    for url in urls:
        if url and not is_pypi(url):
            indexes.add(url, url, where, default=url == first)
    for name, url in places:
        if url != first and not (not url or is_pypi(url)):
            indexes.take(name, url, where)


def with_project(lock: Found, path: Path, name: str, read: Callable[[Path, Collection[str]], Found],
                 groups: Collection[str]) -> Found:  # fmt: skip
    """The lock, and what the file `name` beside it asks for. Without such a file it lists everything. Raises
    InputError."""
    beside = path.with_name(name)
    if not beside.is_file():
        note = f"{path.name} does not tell which packages were asked for."
        return replace(lock, everything=True, notes=(note, *lock.notes))
    asked = read(beside, groups)
    if not (asked.requirements or asked.groups):
        return replace(lock, everything=True, notes=(*lock.notes, *asked.notes))
    said = f"What was asked for is taken from {name} beside {path.name}."
    return replace(
        asked,
        dialect=lock.dialect,
        where=lock.where,
        requirements=tuple(_where_locked(asked.requirements, lock)),
        requires_python=asked.requires_python or lock.requires_python,
        pins=lock.pins,
        groups={**lock.groups, **{name: tuple(_where_locked(rows, lock)) for name, rows in asked.groups.items()}},
        indexes=(*asked.indexes, *lock.indexes),
        taken_from={**lock.taken_from, **asked.taken_from},
        notes=tuple(dict.fromkeys((said, *lock.notes, *asked.notes))),
    )


def _where_locked(items: Iterable[Requirement], lock: Found) -> Iterable[Requirement]:
    """At the commits of the lock."""
    placed = {item.name: item.source for item in lock.requirements if item.source}
    return (structs.replace(item, source=placed.get(item.name, item.source)) if item.source else item for item in items)
