"""What a notebook says about its environment and a format cannot say: told item by item when it is written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

import msgspec

from ..model.lock import Lock
from ..model.requirement import Requirement, Source
from ..model.spec import Spec

Urls = Mapping[str, str]
Find = Callable[[Spec, Lock | None, Urls], Iterator[str]]


class Part(NamedTuple):
    """`title`: in a list of what a format cannot say; `find`: a sentence for each item of this notebook."""

    title: str
    find: Find


def unsaid(spec: Spec, lock: Lock | None, urls: Urls, says: Collection[str]) -> tuple[str, ...]:
    """`says`: keys of PARTS that the format has words for."""
    told = {*says} if "versions" in says else {*says, *OF_VERSIONS}
    return tuple(text for key, part in PARTS.items() if key not in told for text in part.find(spec, lock, urls))


def asked_for(spec: Spec, lock: Lock | None) -> tuple[Requirement, ...]:
    """What the list asks for, from where the lock has it. Without what comes from a folder of this machine."""
    rows = {row.name: row for row in (lock.packages if lock else ()) if row.vcs or row.directory}
    found = []
    for item in spec.requirements:
        row = rows.get(item.name)
        if row and row.vcs:
            follows = row.vcs.type == "git" and row.vcs.requested_revision
            vcs = msgspec.structs.replace(row.vcs, commit_id=None) if follows else row.vcs
            found.append(msgspec.structs.replace(item, source=Source(vcs)))
        elif row is None:
            found.append(item)
    return tuple(found)


def _python(spec: Spec, lock: Lock | None, urls: Urls) -> Iterator[str]:
    if spec.requires_python:
        yield f"It does not say that the notebook needs Python {spec.requires_python}."


def _locked_python(spec: Spec, lock: Lock | None, urls: Urls) -> Iterator[str]:
    if lock:
        yield f"It does not say that its versions are for Python {lock.minor}."


def _versions(spec: Spec, lock: Lock | None, urls: Urls) -> Iterator[str]:
    if lock and lock.packages:
        yield "It has no lock: whoever installs from it may get other versions."


def _hashes(spec: Spec, lock: Lock | None, urls: Urls) -> Iterator[str]:
    if lock and lock.packages:
        yield "It has no hashes: nothing says that the files are the same."


def _listed(spec: Spec, lock: Lock | None, urls: Urls) -> Iterator[str]:
    if spec.dependencies:
        yield f"It does not say which packages were asked for: {', '.join(spec.names)}."


def _indexes(spec: Spec, lock: Lock | None, urls: Urls) -> Iterator[str]:
    rows = [(row.index, row.name) for row in (lock.packages if lock else ()) if row.index]
    named = [(index, name) for index, names in spec.indexes.items() for name in names]
    for index, name in dict.fromkeys([*named, *rows]):
        address = f" ({urls[index]})" if index in urls else ""
        yield f"It does not say that {name} comes from your index {index}{address}."


def _newer(spec: Spec, lock: Lock | None, urls: Urls) -> Iterator[str]:
    if spec.exclude_newer:
        yield f"It does not say that only files from before {spec.exclude_newer} count."


def _overrides(spec: Spec, lock: Lock | None, urls: Urls) -> Iterator[str]:
    for text in spec.overrides:
        yield f"It does not say that {text} overrides what packages require: pip may refuse it without --no-deps."


def _no_deps(spec: Spec, lock: Lock | None, urls: Urls) -> Iterator[str]:
    for name in spec.no_deps:
        yield f"It does not say that {name} is installed without what it needs."


def _folders(spec: Spec, lock: Lock | None, urls: Urls) -> Iterator[str]:
    for row in lock.packages if lock else ():
        if row.directory:
            yield f"{row.name} {row.version} is left out: it is in a folder on the machine that made the lock."


def _conda(spec: Spec, lock: Lock | None, urls: Urls) -> Iterator[str]:
    for text in spec.conda.dependencies if spec.conda else ():
        yield f"{text} is left out: it comes from conda."


def _project(spec: Spec, lock: Lock | None, urls: Urls) -> Iterator[str]:
    if spec.project:
        yield f"It does not say that the notebook belongs to the project {spec.project}."


PARTS: Mapping[str, Part] = {
    "list": Part("which packages were asked for, and which only came with them", _listed),
    "python": Part("which Python the notebook needs", _python),
    "locked-python": Part("for which Python its versions are", _locked_python),
    "versions": Part("the locked versions", _versions),
    "hashes": Part("the hashes of files", _hashes),
    "indexes": Part("which package comes from which index", _indexes),
    "exclude-newer": Part("a date after which files do not count", _newer),
    "overrides": Part("overrides", _overrides),
    "no-deps": Part("packages without what they need", _no_deps),
    "folders": Part("packages from a folder of this machine", _folders),
    "conda": Part("packages from conda", _conda),
    "project": Part("the project that a notebook belongs to", _project),
}
"""In the order in which people want to know it."""
OF_VERSIONS = ("locked-python", "hashes")
"""Parts that nobody misses where there are no versions."""
