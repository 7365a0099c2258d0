"""The use cases. Everything a door can do is one method here; nobody else composes the rooms."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import msgspec

from ..consent import gate
from ..consent.consents import SAID
from ..consent.ownership import Say, list_digest, say_of, unshown
from ..errors import EnvsError, InputError
from ..machine import interpreters
from ..machine.interpreters import Interpreter
from ..model.block import EMPTY, Block
from ..model.closure import Chosen, Closure, select
from ..model.difference import difference, reverted
from ..model.lock import Lock
from ..model.lock_rules import checked as checked_lock
from ..model.options import DEFAULTS, Options
from ..progress import SILENT, Relay, Report
from ..store import Environment, uses
from ..store.inventory import Entry as Kept
from ..store.inventory import entries
from ..system.files import atomically
from .change import Change
from .here import Rooms
from .plan import Plan, plan_install, plan_python, plan_remove, plan_undo, plan_upgrade
from .sight import status_of
from .status import Status


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
        self,
        block: Block | None,
        words: Sequence[str],
        *,
        upgrade: bool = False,
        options: Options = DEFAULTS,
        report: Report = SILENT,
    ) -> Change:
        """Adds to the spec, locks, builds; `upgrade`: what of it is there already moves, too, as with pip's -U. Raises
        any EnvsError; the block is then as it was."""
        plan = plan_install(block or EMPTY, words, options, upgrade=upgrade)
        if plan.satisfied:
            return self._grow_list(plan, report)
        change = self._change(plan, report)
        return replace(change, satisfied=not change.changed) if plan.upgrade else change

    def remove(
        self, block: Block | None, names: Sequence[str], *, options: Options = DEFAULTS, report: Report = SILENT
    ) -> Change:
        return self._change(plan_remove(block or EMPTY, names, options), report)

    def upgrade(
        self, block: Block | None, names: Sequence[str], *, options: Options = DEFAULTS, report: Report = SILENT
    ) -> Change:
        """Moves the named packages, or all, to the newest versions that the spec allows."""
        return self._change(plan_upgrade(block or EMPTY, names, options), report)

    def lock(self, block: Block | None, *, options: Options = DEFAULTS, report: Report = SILENT) -> Change:
        """Makes the lock fit the spec, and this machine; pins that still fit are kept."""
        before = block or EMPTY
        return self._change(Plan(before, before.spec, "lock", replace(options, build=False)), report)

    def python(
        self, block: Block | None, version: str, *, options: Options = DEFAULTS, report: Report = SILENT
    ) -> Change:
        """Another Python: a minor like 3.12, or a requirement like >=3.11."""
        return self._change(plan_python(block or EMPTY, version, options), report)

    def undo(self, block: Block | None, *, options: Options = DEFAULTS, report: Report = SILENT) -> Change:
        """Takes back the last change: its spec, and the versions that it moved. Works on any machine."""
        plan = plan_undo(block, options)
        change = self._change(plan, report)
        return replace(change, block=msgspec.structs.replace(change.block, history=plan.before.history[:-1]))

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
        from ..engines.protocols import NoInstaller

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
        approved = gate.approve(closure, self.consent_digest(closure), self.settings, setup=True)
        environment = found or self.built(approved, report)
        atomically(self.base_file(interpreter), msgspec.json.encode(lock))
        return environment

    # -- the one way a lock comes about ----------------------------------------------------------------------

    def _change(self, plan: Plan, report: Report) -> Change:
        started, notes = time.perf_counter(), list[str]()
        report = Relay(report, notes.append)
        before, spec, options = plan.before, plan.spec, plan.options
        interpreter = self._interpreter(plan, report)
        say = self.say(plan, interpreter)
        self.check_sources(say, plan)
        lock = self._lock(plan, say, interpreter, report)
        changed = difference(before.lock or self.base_lock(interpreter), lock, interpreter)
        report.plan(changed)
        closure = select(lock, interpreter)
        digest = self.consent_digest(closure)
        self.ask_before_code(closure, options)
        beyond = () if say.own else unshown(spec, closure)
        approved = self.approved(closure, digest, options, typed=say.own, beyond=beyond)
        environment = self.built(approved, report) if options.build else None
        if say.own or approved.how in SAID:
            self.learn(digest, closure, spec, lock, approved.how if approved.how in SAID else "typed", resolved=True)
        if lock.machine_local:
            notes.append(
                f"{', '.join(lock.machine_local)} comes from a folder on this machine; it cannot be built on others."
            )
        block = before.changed_to(spec, lock, plan.did, dict(changed))
        self.remember_lock(lock)
        self.remember_use(options.notebook, closure, before)
        return Change(block, changed, environment, tuple(notes), False, time.perf_counter() - started)

    def _lock(self, plan: Plan, say: Say, interpreter: Interpreter, report: Report) -> Lock:
        """The lock that the plan's spec comes to; what of the present one may be preferred is kept where it fits."""
        previous = reverted(say.lock, plan.back) if say.lock and plan.back else say.lock
        lock = self.resolved(
            plan.spec,
            interpreter,
            report,
            previous=previous or self.base_lock(interpreter),
            upgrade=plan.upgrade,
            upgrade_all=plan.upgrade_all,
            places=plan.places,
            listed=plan.options.listed,
            hashes=plan.hashes,
            limits=plan.options.limits,
            allow_build=plan.options.allow_build,
            offline=plan.options.offline,
            prerelease=plan.options.prerelease,
            own=say.own,
        )
        return checked_lock(lock, "lock")

    def _interpreter(self, plan: Plan, report: Report) -> Interpreter:
        before, wanted = plan.before, plan.spec.requires_python

        def typed(python: Interpreter) -> bool:
            known = self.consents.has_learned(list_digest(before.spec, python, before.lock))
            return known or wanted != before.requires_python

        if before.lock is None and wanted is None:
            return interpreters.choose(None, self.settings)
        minor = before.lock.minor if before.lock else interpreters.choose(None, self.settings).minor
        return self.pythons().choose_or_fetch(wanted, minor, plan.options, report, typed)

    def _grow_list(self, plan: Plan, report: Report) -> Change:
        """All of it is locked already: only the list of what is asked for may grow. No network."""
        started = time.perf_counter()
        before, spec = plan.before, plan.spec
        assert before.lock
        environment = self.build(before, options=plan.options, report=report) if plan.options.build else None
        lock = msgspec.structs.replace(before.lock, spec=spec.digest)
        block = before if spec == before.spec else before.changed_to(spec, lock, plan.did, {})
        with suppress(EnvsError):  # made for another machine: nothing is learned from it
            closure = self.closure(before)
            if say_of(before, spec, closure.interpreter, self.consents, self.was_approved).own:
                self.learn(self.consent_digest(closure), closure, spec, lock, "typed", resolved=False)
        return Change(block, {}, environment, (), True, time.perf_counter() - started)
