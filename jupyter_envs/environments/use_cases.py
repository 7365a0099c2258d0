"""The use cases. Everything that a door can do is one method here; no other room combines the rooms."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from ..consent import gate
from ..consent.consents import SAID
from ..consent.ownership import Say, what_is_not_shown
from ..dialects.found import Found
from ..engines.protocols import ResolveRequest
from ..errors import EnvsError, InputError
from ..machine import interpreters
from ..machine.interpreters import Interpreter
from ..machine.interpreters.naming import at_path, is_path
from ..model.block import EMPTY, Block
from ..model.closure import Closure, select
from ..model.difference import difference, revert_entry
from ..model.lock import Lock
from ..model.lock_rules import check_lock, check_supported
from ..model.options import DEFAULTS, Options
from ..model.progress import SILENT, Relay, Report
from ..model.requirement import Requirement
from ..settings import Settings
from ..store import Environment, uses
from ..store.damage import BUILT_AGAIN, DAMAGE
from ..store.inventory import Entry as Kept
from ..store.inventory import entries
from .asking import approve, ask_before_code, check_sources, hear_block, is_own, learn
from .base import base_lock, find_base, remember_base
from .change_notes import notes_of
from .chosen import remember
from .declaring import check_overrides
from .diagnosis.explaining import explaining
from .front_ends import lab_notes
from .here import Here
from .imported_pins import with_pins
from .importing import take
from .kept_locks import keep_lock
from .maker import Maker
from .naming import Named, with_own_names
from .needs import all_needed
from .outcome import Outcome
from .plan import Plan, plan_install, plan_python, plan_remove, plan_undo, plan_upgrade
from .pythons import Pythons
from .sight import status_of
from .status import Status

if TYPE_CHECKING:
    from ..engines.choice import Engines


class Environments:
    def __init__(
        self, settings: Settings, maker: Callable[[Here], Maker] = Maker, engines: Engines | None = None
    ) -> None:
        """`engines`: instead of ours."""
        self.here = Here(settings, engines)
        self._maker = maker(self.here)

    # -- looking ---------------------------------------------------------------------------------------------

    def status(self, block: Block | None) -> Status:
        """Never raises for what a notebook may contain: the error is part of the answer."""
        return status_of(block, self.here)

    def list(self, *, thorough: bool = False) -> list[Kept]:
        """What is in the store. `thorough`: also whether files have changed since."""
        return list(entries(self.here.store, self.here.settings.home, thorough=thorough))

    # -- changing --------------------------------------------------------------------------------------------

    def install(
        self,
        block: Block | None,
        requirements: Sequence[Requirement],
        *,
        upgrade: bool = False,
        options: Options = DEFAULTS,
        report: Report = SILENT,
    ) -> Outcome:
        """Adds to the spec, locks, builds; `upgrade`: like pip's -U, also upgrades what is installed already. Raises
        any EnvsError; the block has not changed then."""

        def install(named: Named) -> Outcome:
            plan = plan_install(block or EMPTY, named.requirements, named.options, upgrade=upgrade)
            plan = replace(plan, notes=(*named.notes, *plan.notes))
            if options.eager and plan.upgrade and plan.before.lock:
                plan = replace(plan, upgrade=all_needed(plan.upgrade, plan.before.lock, self.here))
            if options.python:
                plan = replace(plan, satisfied=False)
            if plan.satisfied and options.dry_run:
                return Outcome(plan.before, {}, None, plan.notes, True)
            if plan.satisfied and plan.before.lock:
                return self._grow_list(plan, plan.before.lock, report)
            change = self._change(plan, report)
            return replace(change, satisfied=not change.changed) if plan.upgrade else change

        return with_own_names(requirements, options, install)

    def remove(
        self, block: Block | None, names: Sequence[str], *, options: Options = DEFAULTS, report: Report = SILENT
    ) -> Outcome:
        return self._change(plan_remove(block or EMPTY, names, options), report)

    def upgrade(
        self, block: Block | None, names: Sequence[str], *, options: Options = DEFAULTS, report: Report = SILENT
    ) -> Outcome:
        """Upgrades the named packages, or all, to the newest versions that the spec allows."""
        return self._change(plan_upgrade(block or EMPTY, names, options), report)

    def lock(self, block: Block | None, *, options: Options = DEFAULTS, report: Report = SILENT) -> Outcome:
        """Makes the lock match the spec and this machine; pins that still fit are kept."""
        before = block or EMPTY
        return self._change(Plan(before, before.spec, "lock", replace(options, build=False)), report)

    def python(
        self, block: Block | None, version: str, *, options: Options = DEFAULTS, report: Report = SILENT
    ) -> Outcome:
        """Another Python: a version like 3.12 or 3.12.1, a requirement like >=3.11, or the path of one here, whose
        version the notebook then asks for."""
        if is_path(version):
            found = at_path(version, self.here.settings)
            version, options = found.minor, replace(options, python=str(found.path))
        return self._change(plan_python(block or EMPTY, version, options), report)

    def undo(self, block: Block | None, *, options: Options = DEFAULTS, report: Report = SILENT) -> Outcome:
        """Undoes the last change: its spec, and the versions that it changed. Works on any machine."""
        plan = plan_undo(block, options)
        change = self._change(plan, report)
        return replace(change, block=msgspec.structs.replace(change.block, history=plan.before.history[:-1]))

    def take(
        self, block: Block | None, found: Sequence[Found], groups: Iterable[str] = (),
        *, options: Options = DEFAULTS, report: Report = SILENT,
    ) -> Outcome:  # fmt: skip
        """Adds what other tools' files say; `groups` of them, too. Raises any EnvsError; the block has not changed
        then."""
        return take(block, found, groups, options, report, self.here, self._change)

    def build(self, block: Block | None, *, options: Options = DEFAULTS, report: Report = SILENT) -> Environment:
        """The environment of the block's lock, built if necessary, after consent. Without a block: the base
        environment."""
        if block is not None:
            check_supported(block.spec, block.lock)
        if block is None or not (block.lock or block.dependencies):
            return self._build_base(report)
        if block.lock is None:
            raise InputError(
                "not-locked", "This notebook asks for packages but has no lock.", hint="Run: jupyter envs lock NOTEBOOK"
            )
        here = self.here
        closure = Pythons(here).closure(block.lock, options, report, block.agreed_python)
        self._withdraw_damaged(closure, report)
        approved = approve(closure, here.consent_digest(closure), options, here)
        uses.remember(here.settings.home, closure.id, options.notebook)
        return self._maker.build(approved, block.spec, report)

    def base(self) -> Environment | None:
        """The base environment, if it is built."""
        return find_base(self.here)

    def _build_base(self, report: Report) -> Environment:
        here = self.here
        interpreter = interpreters.choose(None, here.settings)
        lock = base_lock(interpreter, here)
        if lock:
            self._withdraw_damaged(select(lock, interpreter), report)
        lock = lock or self._maker.resolve(ResolveRequest(EMPTY.spec, interpreter), report)
        closure = select(lock, interpreter)
        approved = gate.approve(closure, here.consent_digest(closure), here.consents, gate.Answer(setup=True))
        environment = self._maker.build(approved, EMPTY.spec, report)
        remember_base(lock, interpreter, here)
        return environment

    def _withdraw_damaged(self, closure: Closure, report: Report) -> None:
        """An environment that exists, and has changed, is not used any more; a note says so. Any other is taken after
        the consent to it, like one that is made."""
        damage = DAMAGE.get(self.here.store.health(closure.id, thorough=True) or "")
        if damage:
            report.note(f"{damage} {BUILT_AGAIN}")

    # -- the one way a lock comes about ----------------------------------------------------------------------

    def _change(self, plan: Plan, report: Report) -> Outcome:
        started, notes = time.perf_counter(), list[str]()
        report = Relay(report, notes.append)
        before, spec, options, here = plan.before, plan.spec, plan.options, self.here
        check_supported(spec, None)
        check_overrides(spec)
        interpreter = Pythons(here).for_change(plan, report)
        say = hear_block(plan, interpreter, here)
        say = replace(say, own=False) if plan.pins is not None else say
        check_sources(say, plan, here)
        with explaining(plan, interpreter, self._maker, partial(self._lock, say), report):
            lock = self._lock(say, plan, interpreter, report)
            changed = difference(before.lock or base_lock(interpreter, here), lock, interpreter)
            report.plan(changed)
            if options.dry_run:
                for note in notes_of(plan, lock, interpreter):
                    report.note(note)
                return Outcome(before, changed, None, tuple(notes), False, time.perf_counter() - started)
            closure = select(lock, interpreter)
            digest = here.consent_digest(closure)
            ask_before_code(closure, options, here)
        beyond = () if say.own else what_is_not_shown(spec, closure)
        approved = approve(closure, digest, options, here, say=say, beyond=beyond)
        environment = self._maker.build(approved, spec, report) if options.build else None
        if say.own or approved.how in SAID:
            how = approved.how if approved.how in SAID else "typed"
            learn(closure, spec, lock, how, here, resolved=True)
        notes += lab_notes(environment, changed) if environment else []
        if lock.machine_local:
            notes.append(f"Only this machine can build {', '.join(lock.machine_local)}: the source is a folder here.")
        for note in notes_of(plan, lock, interpreter):
            report.note(note)
        block = before.changed_to(spec, lock, plan.did, dict(changed))
        remember(lock, interpreter, here.settings)
        keep_lock(lock, closure, before, options.notebook, here)
        return Outcome(block, changed, environment, tuple(notes), False, time.perf_counter() - started)

    def _lock(self, say: Say, plan: Plan, interpreter: Interpreter, report: Report) -> Lock:
        """The lock for the spec of the plan; what may be preferred of the present lock is kept if it fits."""
        previous = revert_entry(say.lock, plan.back) if say.lock and plan.back else say.lock
        previous = with_pins(previous, plan.pins, interpreter) if plan.pins else previous
        request = plan.request(interpreter, previous or base_lock(interpreter, self.here), own=say.own)
        return check_lock(self._maker.resolve(request, report), "lock")

    def _grow_list(self, plan: Plan, locked: Lock, report: Report) -> Outcome:
        """Everything is locked already: only the list of what is asked for may grow. No network."""
        started, here = time.perf_counter(), self.here
        before, spec = plan.before, plan.spec
        check_supported(spec, locked)
        environment = self.build(before, options=plan.options, report=report) if plan.options.build else None
        lock = msgspec.structs.replace(locked, spec=spec.digest)
        block = before if spec == before.spec else before.changed_to(spec, lock, plan.did, {})
        with suppress(EnvsError):  # made for another machine: nothing is learned from it
            closure = here.closure(locked)
            if is_own(before, spec, closure.interpreter, here):
                learn(closure, spec, lock, "typed", here, resolved=False)
        for note in plan.notes:
            report.note(note)
        return Outcome(block, {}, environment, plan.notes, True, time.perf_counter() - started)
