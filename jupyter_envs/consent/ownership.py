"""The one rule of typed changes, for every door:

    A change is the user's own if every row of the result is either what the user typed, or follows from a list and a
    lock of which every part that had a say was shown and approved.

What has a say (influences the result): the list as it is written, the chosen Python, the rows of the lock that apply to
that Python, and, for an undo, the history. Rows for other machines have a say only if we resolved the lock here. What a
file claims about itself (the digest of a list in a lock, a Python in its place) is never trusted: digests are
computed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from ..machine.interpreters import Interpreter
from ..model.block import Block, HistoryEntry
from ..model.closure import Closure, applies, marker_environment, rows_here, usable_here
from ..model.difference import revert_entry
from ..model.digests import digest
from ..model.lock import Lock
from ..model.requirement import Requirement
from ..model.spec import Spec
from . import gate
from .consents import Consents

LIMITS = (">=", "==")
"""Operators that cannot hold back a version that was not shown."""


@dataclass(frozen=True)
class Say:
    """What a block contributes to a change. `own`: all of it was typed or approved; `lock`: which of its lock may be
    preferred; `closure`: what that lock means for the Python of the change; `reaches`: names of packages, or of their
    indexes, for which an address would be contacted that only the block names."""

    own: bool
    lock: Lock | None
    closure: Closure
    reaches: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """`block` is the present one, `spec` the list after the change; `typed`: names of packages for which another source
    or version was typed; `back`: an entry of the history that is undone."""

    block: Block
    spec: Spec
    typed: Collection[str] = ()
    back: HistoryEntry | None = None


def say_of(change: Change, interpreter: Interpreter, consents: Consents, approved: Callable[[Closure], bool]) -> Say:
    """`approved`: whether a closure was approved as a whole. Raises PolicyError."""
    block, spec, back, lock = change.block, change.spec, change.back, change.block.lock
    closure = usable_here(lock, interpreter) if lock else Closure(interpreter, ())
    known = lock is None or consents.has_learned(lock_digest(lock))
    strange = () if known and lock and lock.minor == interpreter.minor else consents.unapproved(closure)
    complete = lock is None or len(closure.rows) == len(rows_here(lock.packages, interpreter))
    whole = known or (complete and not strange and approved(closure))
    listed = block.spec == Spec() or consents.has_learned(list_digest(block.spec, interpreter, lock))
    listed = listed or (whole and lock is not None and _shown(block.spec, lock, closure))
    preferred = lock if known else _of_here(lock, interpreter)
    undone = back is None or may_undo(back, preferred, interpreter, consents)
    places = [row.name for row in strange if row.vcs and row.name in spec.names and row.name not in change.typed]
    theirs = (set() if listed else {*block.indexes}) | (set() if undone or back is None else {*back.spec.indexes})
    indexes = [name for name in spec.indexes if name in theirs]
    return Say(whole and listed and undone, preferred, closure, (*places, *indexes))


def may_undo(entry: HistoryEntry, lock: Lock | None, interpreter: Interpreter, consents: Consents) -> bool:
    """Whether everything that an entry of the history would bring back was approved: its list, and every version.
    `lock`: the present one."""
    before = revert_entry(lock, entry) if lock else None
    listed = entry.spec == Spec() or consents.has_learned(list_digest(entry.spec, interpreter, before))
    versions = [(name, old) for name, (old, _) in entry.changed.items() if old is not None]
    return listed and all(consents.has_version(name, version) for name, version in versions)


def ask_before_reaching(
    say: Say,
    change: Change,
    closure_digest: str,
    consents: Consents,
    accept: str | None,
    fetch: Callable[[Closure], int],
) -> None:
    """The question that comes before an address is contacted that only the block names: about its list, about what its
    lock means here, and about the list that an undo would bring back. Raises ConsentNeeded, PolicyError."""
    consents.check(say.closure)
    python, block, back = say.closure.interpreter, change.block, change.back
    lists = [(block.spec, block.lock)] + (
        [(back.spec, revert_entry(say.lock, back) if say.lock else None)] if back else []
    )
    learned = [list_digest(spec, python, lock) for spec, lock in lists]
    both = digest({"closure": closure_digest, "lists": learned})
    if consents.policy.ask == "never":
        return
    if accept not in ("yes", both) and consents.settings.consent != both:
        beyond = [*dict.fromkeys(text for spec, _ in lists for text in what_is_not_shown(spec, say.closure))]
        raise gate.needed(say.closure, both, consents, fetch(say.closure), beyond, names=block.spec.names)
    consents.remember(closure_digest, say.closure, "accepted", learned)


def list_digest(spec: Spec, interpreter: Interpreter, lock: Lock | None) -> str:
    """Digest of a list, of the part of it that applies to this Python (the rest was never resolved here), and of the
    origins of its packages according to the lock: a name alone could mean another package."""
    here = rows_here(lock.packages, interpreter) if lock else ()
    places = {row.name: row.place for row in here if row.place and row.name in spec.names}
    return digest({"list": spec.digest, "holds": sorted(holding(spec, interpreter)), "places": places})


def lock_digest(lock: Lock) -> str:
    """Digest of everything that a lock says about packages, but not of what it says about the list that it was made
    from."""
    value: dict[str, Any] = msgspec.to_builtins(lock)
    return digest({key: value[key] for key in ("requires-python", "packages", "conda") if key in value})


def holding(spec: Spec, interpreter: Interpreter) -> list[str]:
    """The requirements whose marker applies to this Python, as they are written; and such overrides."""
    here = marker_environment(interpreter)
    conditional = [(text, item) for text, item in zip(spec.overrides, spec.overriding, strict=True) if item.marker]
    return [text for text, item in [*_as_written(spec), *conditional] if applies(item.marker, here)]


def what_is_not_shown(spec: Spec, closure: Closure) -> list[str]:
    """What in a list the packages of a closure do not show: requirements for other systems or Pythons, extras, limits
    that hold a version back, indexes, a date, a Python, conda, a project, overrides,
    packages without what they need, and packages that are not among them."""
    versions = closure.versions
    beyond = [text for text, item in _as_written(spec) if not _plain(item, versions)]
    indexes = [f"{', '.join(names)} from the index {index}" for index, names in spec.indexes.items()]
    date = [f"nothing newer than {spec.exclude_newer}"] if spec.exclude_newer else []
    python = spec.requires_python
    pythons = [f"Python {python}"] if python and python != f"=={closure.interpreter.minor}.*" else []
    conda = [f"{text} from conda" for text in spec.conda.dependencies] if spec.conda else []
    channels = [f"the conda channel {name}" for name in spec.conda.channels] if spec.conda else []
    project = [f"what {spec.project} asks for"] if spec.project else []
    overrides = [f"{text}, which overrides what packages require" for text in spec.overrides]
    alone = [f"{name} without what it needs" for name in spec.no_deps]
    return [*beyond, *indexes, *date, *pythons, *conda, *channels, *project, *overrides, *alone]


def _as_written(spec: Spec) -> Iterator[tuple[str, Requirement]]:
    """A list of the history may be written otherwise than we would write it, and it is shown and known as it is."""
    return zip(spec.dependencies, spec.requirements, strict=True)


def _shown(spec: Spec, lock: Lock, closure: Closure) -> bool:
    """Whether the list asks for nothing beyond what the approved packages show."""
    return lock.minor == closure.interpreter.minor and not (what_is_not_shown(spec, closure) or spec.conda)


def _plain(item: Requirement, versions: dict[str, str]) -> bool:
    limits = all(limit.operator in LIMITS and "*" not in limit.version for limit in item.specifier)
    fits = item.name in versions and item.specifier.contains(versions[item.name], prereleases=True)
    return limits and fits and not item.extras and item.marker is None


def _of_here(lock: Lock | None, interpreter: Interpreter) -> Lock | None:
    return msgspec.structs.replace(lock, packages=tuple(rows_here(lock.packages, interpreter))) if lock else None
