"""What a change is going to do, decided before a user, an index or a tool is asked for anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..dialects.found import Pin
from ..engines.protocols import ResolveRequest
from ..errors import InputError
from ..kernel.foreign import quoted
from ..machine.interpreters import Interpreter
from ..model.block import Block, HistoryEntry
from ..model.difference import satisfied
from ..model.hashes import Hashes, all_named
from ..model.lock import Lock
from ..model.merging import add_up, merge_requirements
from ..model.options import Options
from ..model.python_words import python_limits
from ..model.requirement import Requirement, split_address
from ..model.spec import Spec, check_spec
from .declaring import (
    asked_of_overridden,
    check_overrides,
    notes_on_overrides,
    said_with,
    still_overrides,
    with_options,
)


@dataclass(frozen=True)
class Plan:
    """`before` becomes a block with `spec` and a lock made for it; the history calls the change `did`."""

    before: Block
    spec: Spec
    did: str
    options: Options
    typed: Mapping[str, Requirement] = field(default_factory=dict)
    """What was typed, by name: a source or a limit there counts for more than what the lock says. Of several lines of a
    name the one with a source, or else with a limit."""
    asked: tuple[Requirement, ...] = ()
    """All lines that were typed."""
    notes: tuple[str, ...] = ()
    """What no longer applies because of what was typed."""
    hashes: Hashes = field(default_factory=dict)
    upgrade: frozenset[str] = frozenset()
    """Names of locked packages to upgrade."""
    upgrade_all: bool = False
    back: HistoryEntry | None = None
    """The entry of the history that is undone."""
    pins: tuple[Pin, ...] | None = None
    """Of an import: versions that are kept where they fit. What is imported is somebody else's."""
    satisfied: bool = False
    """Whether the lock already has everything: then only the list may grow."""

    @property
    def limited(self) -> dict[str, Requirement]:
        """Those for which a source or a limit was typed."""
        return {name: item for name, item in self.typed.items() if item.selects}

    @property
    def command(self) -> str:
        """Of the terminal: what makes the Python of this change the notebook's, and nothing else."""
        if self.spec.requires_python == self.before.requires_python:
            return "lock NOTEBOOK"
        verb, _, version = self.did.partition(" ")
        return f"{verb} NOTEBOOK {quoted(version)}" if version else f"{verb} NOTEBOOK"

    def request(self, interpreter: Interpreter, previous: Lock | None, *, own: bool) -> ResolveRequest:
        """What to ask an engine for. `own`: whether the user approved `previous`."""
        options = self.options
        return ResolveRequest(
            self.spec,
            interpreter,
            previous=previous,
            upgrade=self.upgrade,
            upgrade_all=self.upgrade_all,
            typed=self.typed,
            listed=options.listed,
            hashes=self.hashes,
            limits=(*options.limits, *asked_of_overridden(self.spec)),
            allow_build=options.allow_build,
            offline=options.offline,
            prerelease=options.prerelease,
            prefer_binary=options.prefer_binary,
            before=options.before,
            fresh=options.fresh,
            own=own,
        )


def plan_install(before: Block, typed: Sequence[Requirement], options: Options, *, upgrade: bool = False) -> Plan:
    """`upgrade`: like pip's -U, also upgrades what is installed already. Raises InputError."""
    if not typed and not options.overrides:
        raise InputError("req-empty", "No package to install was named.", hint="jupyter envs install NOTEBOOK pandas")
    asked, merged = add_up(typed), merge_requirements(before.spec.requirements, typed)
    _check_sources(asked, merged.requirements, options)
    _check_versions(asked)
    indexes = before.indexes if options.indexes is None else options.indexes
    dependencies = tuple(item.text for item in merged.requirements)
    spec = with_options(
        msgspec.structs.replace(before.spec, dependencies=dependencies, indexes=indexes), typed, options
    )
    check_overrides(spec, typed)
    there = [item for item in asked if before.lock and satisfied(before.lock, item)]
    archives = {item.name: item.source.vcs for item in asked if item.source and item.source.vcs}
    hashes = {**options.hashes, **{name: frozenset({vcs.sha256}) for name, vcs in archives.items() if vcs.sha256}}
    rows = before.lock.packages if before.lock else ()
    locked = {package.name for package in rows}
    moving = frozenset(item.name for item in asked if item.name in locked) if upgrade else frozenset()
    same = (indexes, spec.overrides, spec.no_deps) == (before.indexes, before.overrides, before.no_deps)
    unchanged = before.locked and same and len(there) == len(asked) and all_named(rows, hashes)
    return Plan(
        before,
        spec,
        " ".join(["install", *said_with(options, upgrade=upgrade), *(item.text for item in typed)]),
        options,
        # What fits as it is stays where it comes from when it moves: an index may have another package of its name.
        typed=_by_name(item for item in asked if not (moving and item in there)),
        asked=asked,
        notes=(*merged.notes, *notes_on_overrides(before.spec, asked, options)),
        hashes=hashes,
        upgrade=moving,
        satisfied=unchanged and not moving and not options.limits,
    )


def _by_name(items: Iterable[Requirement]) -> dict[str, Requirement]:
    return {item.name: item for item in sorted(items, key=lambda item: (item.source is not None, item.selects))}


def _check_sources(asked: Sequence[Requirement], merged: Sequence[Requirement], options: Options) -> None:
    """A source counts for its name, under whatever condition. Raises InputError where that would be one too many."""
    for item in asked:
        if item.source is None:
            continue
        name = item.name
        others = [row for row in asked if row.name == name] if item.marker is None else merged
        if sum(row.name == name for row in others) > 1:
            raise InputError(
                "conflict",
                f"{name} is asked for twice, from different sources. A notebook takes a package from the same source "
                "on every system.",
                hint=f"Keep one of the lines for {name}, and remove the others.",
            )
        if name in options.hashes:
            raise InputError(
                "requirements-hash",
                f"{name} does not come from an index, but the hashes given for it are for files of an index.",
                hint="Put the hash after the address of the package, or remove it from the list.",
            )


def _check_versions(asked: Sequence[Requirement]) -> None:
    """Raises InputError `conflict` where two exact versions were typed for the same condition."""
    for item in asked:
        exact = {limit.version for limit in item.specifier if limit.operator == "==" and "*" not in limit.version}
        if len(exact) > 1 and len({Version(version) for version in exact}) > 1:
            raise InputError(
                "conflict",
                f"{item.name} is asked for in different versions: {', '.join(sorted(exact))}.",
                hint="Keep one of them.",
            )


def plan_remove(before: Block, names: Sequence[str], options: Options) -> Plan:
    """A name goes with all its lines, and, as with pip, whatever extras or limits were typed with it. Raises InputError
    `not-declared`."""
    gone = {name_of(name) for name in names}
    unknown = gone - set(before.spec.names)
    if unknown:
        listed = ", ".join(sorted(unknown))
        raise InputError(
            "not-declared",
            f"This notebook does not ask for {listed}.",
            hint="`jupyter envs status NOTEBOOK` lists what it asks for.",
        )
    kept = tuple(text for text, name in zip(before.dependencies, before.spec.names, strict=True) if name not in gone)
    indexes = {
        index: left for index, names in before.indexes.items() if (left := tuple(n for n in names if n not in gone))
    }
    alone = tuple(name for name in before.no_deps if name not in gone)
    overriding = before.spec.overriding
    overrides = tuple(item.text for item in overriding if item.name not in gone)
    spec = msgspec.structs.replace(before.spec, dependencies=kept, indexes=indexes, no_deps=alone, overrides=overrides)
    notes = tuple(
        f"{item.text} no longer overrides what packages require: {item.name} was removed."
        for item in overriding
        if item.name in gone
    )
    return Plan(before, spec, "remove " + " ".join(sorted(gone)), options, notes=notes)


def name_of(word: str) -> str:
    found = split_address(word)
    return found[0].name if found else str(canonicalize_name(word))


def plan_upgrade(before: Block, names: Sequence[str], options: Options) -> Plan:
    """Without names everything is upgraded. Raises InputError `not-installed`, `req-syntax`."""
    for name in names:
        if (found := split_address(name)) and (found[1] or found[0].text != found[0].name):
            raise InputError(
                "req-syntax",
                f"{name!r} is more than a name: upgrading keeps the limits and extras that the notebook has.",
                hint=f"To change them: jupyter envs install NOTEBOOK {quoted(name)}",
            )
    moving = frozenset(str(canonicalize_name(name)) for name in names)
    known = {package.name for package in before.lock.packages} if before.lock else set()
    unknown = moving - known - set(before.spec.names)
    if unknown:
        raise InputError("not-installed", f"This environment does not contain {', '.join(sorted(unknown))}.")
    did = " ".join(["upgrade", *sorted(moving)])
    held = tuple(still_overrides(item) for item in before.spec.overriding if item.name in moving)
    return Plan(before, before.spec, did, options, upgrade=moving, upgrade_all=not moving, notes=held)


def plan_python(before: Block, version: str, options: Options) -> Plan:
    """`version`: 3.12, 3.12.1, or a requirement like >=3.11. Raises InputError `python-spec`."""
    spec = msgspec.structs.replace(before.spec, requires_python=python_limits(version, "python"))
    return Plan(before, spec, f"python {version}", options)


def plan_undo(block: Block | None, options: Options) -> Plan:
    """Raises InputError `nothing-to-undo`."""
    if block is None or not block.history or block.lock is None:
        raise InputError("nothing-to-undo", "This notebook's environment has no earlier state.")
    last = block.history[-1]
    return Plan(block, check_spec(last.spec, "history"), "undo", options, back=last)
