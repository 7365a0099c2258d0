"""The use cases. Everything a door can do is one method here; nobody else composes the rooms."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import msgspec
from packaging.utils import canonicalize_name

from . import consent, interpreters, sources, uses
from .block import EMPTY, Block
from .block import Change as Entry
from .change import DEFAULTS, Change, Options, difference, reverted, satisfied
from .closure import Chosen, Closure, select
from .consents import SAID
from .errors import EnvsError, InputError
from .interpreters import Interpreter
from .inventory import Entry as Kept
from .inventory import entries
from .lock_rules import checked as checked_lock
from .ownership import list_digest, say_of, unshown
from .report import SILENT, Relay, Report
from .rooms import Rooms
from .spec import Spec, python_requirement
from .status import Status, status_of
from .store import Environment
from .write import atomically


class Environments(Rooms):
    # -- looking ---------------------------------------------------------------------------------------------

    def status(self, block: Block | None) -> Status:
        """Never raises for what a notebook may contain: the error is part of the answer."""
        return status_of(block, self)

    def list(self, *, thorough: bool = False) -> list[Kept]:
        """What is in the store. `thorough`: also whether files were changed since."""
        return list(entries(self.store, self.settings.home, thorough=thorough))

    # -- changing --------------------------------------------------------------------------------------------

    def install(
        self, block: Block | None, words: Sequence[str], *, options: Options = DEFAULTS, report: Report = SILENT
    ) -> Change:
        """Adds to the spec, locks, builds. Raises any EnvsError; the block is then as it was."""
        before = block or EMPTY
        typed = sources.parse(words, editable=options.editable, base=options.base_dir)
        if not typed:
            raise InputError("req-empty", "Nothing to install was named.", hint="%env-install pandas")
        dependencies = sources.merged(before.dependencies, typed)
        indexes_now = before.indexes if options.indexes is None else options.indexes
        spec = msgspec.structs.replace(before.spec, dependencies=dependencies, indexes=indexes_now)
        did = "install " + " ".join(item.requirement for item in typed)
        if (
            before.locked
            and before.lock
            and indexes_now == before.indexes
            and all(satisfied(before.lock, item) for item in typed)
        ):
            return self._satisfied(before, spec, did, options, report)
        places = {item.name: item for item in typed}
        return self._change(before, spec, did, options, report, places=places)

    def remove(
        self, block: Block | None, names: Sequence[str], *, options: Options = DEFAULTS, report: Report = SILENT
    ) -> Change:
        before = block or EMPTY
        gone = {str(canonicalize_name(name)) for name in names}
        unknown = gone - set(before.spec.names)
        if unknown:
            listed = ", ".join(sorted(unknown))
            raise InputError(
                "not-declared",
                f"This notebook does not ask for {listed}.",
                hint="`%env-status` lists what it asks for.",
            )
        kept = tuple(
            text for text, name in zip(before.dependencies, before.spec.names, strict=True) if name not in gone
        )
        indexes_kept = {
            index: left for index, names in before.indexes.items() if (left := tuple(n for n in names if n not in gone))
        }
        spec = msgspec.structs.replace(before.spec, dependencies=kept, indexes=indexes_kept)
        return self._change(before, spec, "remove " + " ".join(sorted(gone)), options, report)

    def upgrade(
        self, block: Block | None, names: Sequence[str], *, options: Options = DEFAULTS, report: Report = SILENT
    ) -> Change:
        """Moves the named packages, or all, to the newest versions that the spec allows."""
        before = block or EMPTY
        moving = frozenset(str(canonicalize_name(name)) for name in names)
        known = {package.name for package in before.lock.packages} if before.lock else set()
        unknown = moving - known - set(before.spec.names)
        if unknown:
            raise InputError("not-installed", f"This environment has no {', '.join(sorted(unknown))}.")
        did = "upgrade " + " ".join(sorted(moving)) if moving else "upgrade"
        return self._change(before, before.spec, did, options, report, upgrade=moving, upgrade_all=not moving)

    def lock(self, block: Block | None, *, options: Options = DEFAULTS, report: Report = SILENT) -> Change:
        """Makes the lock fit the spec, and this machine; pins that still fit are kept."""
        before = block or EMPTY
        return self._change(before, before.spec, "lock", replace(options, build=False), report)

    def python(
        self, block: Block | None, version: str, *, options: Options = DEFAULTS, report: Report = SILENT
    ) -> Change:
        """Another Python: a minor like 3.12, or a requirement like >=3.11."""
        before = block or EMPTY
        wanted = f"=={version}.*" if version.count(".") == 1 and version.replace(".", "").isdigit() else version
        spec = msgspec.structs.replace(before.spec, requires_python=python_requirement(wanted, "python"))
        return self._change(before, spec, f"python {version}", options, report)

    def undo(self, block: Block | None, *, options: Options = DEFAULTS, report: Report = SILENT) -> Change:
        """Takes back the last change: its spec, and the versions that it moved. Works on any machine."""
        if block is None or not block.history or block.lock is None:
            raise InputError("nothing-to-undo", "This notebook's environment has no earlier state.")
        last = block.history[-1]
        change = self._change(block, last.spec, "undo", options, report, back=last)
        return replace(change, block=msgspec.structs.replace(change.block, history=block.history[:-1]))

    def build(self, block: Block | None, *, options: Options = DEFAULTS, report: Report = SILENT) -> Environment:
        """The environment of the block's lock, built if need be, after consent. Without a block: the base."""
        if block is None or not (block.lock or block.dependencies):
            environment = self.base(build=True, report=report)
            assert environment
            return environment
        if block.lock is None:
            raise InputError(
                "not-locked", "This notebook asks for packages but has no lock.", hint="Run: jupyter envs lock NOTEBOOK"
            )
        closure = self.closure_here(block, options, report)
        found = self.well(closure, report)
        digest = self.consent_digest(closure)
        if found and self.consents.knows(digest, closure):
            uses.remember(self.settings.home, closure.id, options.notebook)
            return found
        approved = self.approved(closure, digest, options)
        uses.remember(self.settings.home, closure.id, options.notebook)
        return self.built(approved, report)

    def instant(
        self, block: Block | None, closure: Closure | None = None, missing: tuple[Chosen, ...] | None = None
    ) -> Environment | None:
        """The environment that `build` would make of the block, where the user has approved it and it takes
        milliseconds, no process and no network: all its wheels are here. None otherwise. `closure` is what the block
        means here, and `missing` what the store lacks of it, where that is known. Raises what a lock that does not fit
        here raises."""
        closure = closure or self._wanted(block)
        if closure is None:
            return None
        digest = self.consent_digest(closure)
        if not self.consents.knows(digest, closure):
            return None
        if self.store.missing(closure) if missing is None else missing:
            return None
        from .resolver.request import NoInstaller

        return self.store.ensure(self.approved(closure, digest, DEFAULTS), NoInstaller())

    def _wanted(self, block: Block | None) -> Closure | None:
        if block:
            return self.closure(block) if block.lock else None
        interpreter = interpreters.choose(None, self.settings)
        lock = self.base_lock(interpreter)
        return select(lock, interpreter) if lock else None

    def base(self, *, build: bool = False, report: Report = SILENT) -> Environment | None:
        """ipykernel and nothing else, for the default Python. None where it is not built and `build` is false."""
        interpreter = interpreters.choose(None, self.settings)
        lock = self.base_lock(interpreter)
        if not build:
            return self.store.find(select(lock, interpreter).id) if lock else None
        found = self.well(select(lock, interpreter), report) if lock else None
        lock = lock or self.resolved(EMPTY.spec, interpreter, report)
        closure = select(lock, interpreter)
        approved = consent.approve(closure, self.consent_digest(closure), self.settings, setup=True)
        environment = found or self.built(approved, report)
        atomically(self.base_file(interpreter), msgspec.json.encode(lock))
        return environment

    # -- the one way a lock comes about ----------------------------------------------------------------------

    def _change(
        self,
        before: Block,
        spec: Spec,
        did: str,
        options: Options,
        report: Report,
        *,
        places: dict[str, sources.Typed] | None = None,
        upgrade: frozenset[str] = frozenset(),
        upgrade_all: bool = False,
        back: Entry | None = None,
    ) -> Change:
        """`back`: an entry of the history that is undone."""
        started, notes = time.perf_counter(), list[str]()
        report = Relay(report, notes.append)
        interpreter = self._interpreter(before, spec, options, report)
        typed = {name: item for name, item in (places or {}).items() if item.placed or item.requirement != name}
        say = self.say(before, spec, interpreter, typed, options, back)
        self.check_sources(say, spec, typed, options)
        previous = reverted(say.lock, back) if say.lock and back else say.lock
        lock = self.resolved(
            spec,
            interpreter,
            report,
            previous=previous or self.base_lock(interpreter),
            upgrade=upgrade,
            upgrade_all=upgrade_all,
            places=places or {},
            allow_build=options.allow_build,
            offline=options.offline,
            prerelease=options.prerelease,
            own=say.own,
        )
        checked_lock(lock, "lock")
        changed = difference(before.lock or self.base_lock(interpreter), lock, interpreter)
        report.plan(changed)
        closure = select(lock, interpreter)
        digest = self.consent_digest(closure)
        self.ask_before_code(closure, options)
        approved = self.approved(
            closure, digest, options, typed=say.own, beyond=() if say.own else unshown(spec, closure)
        )
        environment = self.built(approved, report) if options.build else None
        if say.own or approved.how in SAID:
            self.learn(digest, closure, spec, lock, approved.how if approved.how in SAID else "typed", resolved=True)
        if lock.machine_local:
            notes.append(
                f"{', '.join(lock.machine_local)} comes from a folder of this machine; others cannot rebuild it."
            )
        block = before.changed_to(spec, lock, did, dict(changed))
        self.remember_lock(lock)
        self.remember_use(options.notebook, closure, before)
        return Change(block, changed, environment, tuple(notes), False, time.perf_counter() - started)

    def _interpreter(self, before: Block, spec: Spec, options: Options, report: Report) -> Interpreter:
        def typed(python: Interpreter) -> bool:
            known = self.consents.has_learned(list_digest(before.spec, python, before.lock))
            return known or spec.requires_python != before.requires_python

        if before.lock is None and spec.requires_python is None:
            return interpreters.choose(None, self.settings)
        minor = before.lock.minor if before.lock else interpreters.choose(None, self.settings).minor
        return self.pythons().choose_or_fetch(spec.requires_python, minor, options, report, typed)

    def _satisfied(self, before: Block, spec: Spec, did: str, options: Options, report: Report) -> Change:
        """All of it is locked already: only the list of what is asked for may grow. No network."""
        started = time.perf_counter()
        assert before.lock
        environment = self.build(before, options=options, report=report) if options.build else None
        lock = msgspec.structs.replace(before.lock, spec=spec.digest)
        block = before if spec == before.spec else before.changed_to(spec, lock, did, {})
        with suppress(EnvsError):  # made for another machine: nothing is learned from it
            closure = self.closure(before)
            if say_of(before, spec, closure.interpreter, self.consents, self.was_approved).own:
                self.learn(self.consent_digest(closure), closure, spec, lock, "typed", resolved=False)
        return Change(block, {}, environment, (), True, time.perf_counter() - started)
