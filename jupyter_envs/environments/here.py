"""The rooms, put together: what every use case is made of."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ..consent import gate
from ..consent.consents import Consents
from ..consent.ownership import Say, ask_before_reaching, list_digest, lock_digest, say_of
from ..errors import EnvsError, PythonError
from ..machine import indexes, interpreters
from ..machine.interpreters import Interpreter
from ..model.block import Block
from ..model.closure import Closure, select, size_of
from ..model.lock import Lock
from ..model.lock_rules import checked
from ..model.options import Options
from ..model.spec import Spec
from ..progress import Report
from ..settings import Settings
from ..store import Environment, Store, uses
from ..store.damage import AGAIN, DAMAGE
from ..system import kept
from ..system.files import atomically
from .plan import Plan
from .pythons import Pythons

if TYPE_CHECKING:
    from ..consent.python import Agreed
    from ..engines.uv.tool import Engine
    from ..machine.interpreters.download import Download


@dataclass
class Rooms:
    settings: Settings
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        self.store = Store(self.settings)

    @cached_property
    def consents(self) -> Consents:
        return Consents(self.settings, self.store.has)

    @cached_property
    def indexes(self) -> indexes.Indexes:
        return indexes.load(self.settings)

    def engine(self) -> Engine:
        from ..engines.uv import cache
        from ..engines.uv.tool import Engine  # here, like the resolver and the installer below: looking starts no tool

        cache.mend_once(cache.folder_of(self.settings))
        return Engine(self.settings, self.indexes)

    def pythons(self) -> Pythons:
        return Pythons(self.settings, lambda: self.consents.policy, lambda: self.indexes, self.engine)

    def closure(self, block: Block, interpreter: Interpreter | None = None) -> Closure:
        """What the block's lock means here. Raises PythonError or InstallError."""
        assert block.lock
        return select(block.lock, interpreter or self.interpreter_for(block.lock))

    def closure_here(self, block: Block, options: Options, report: Report) -> Closure:
        """Like `closure`, but a Python that is not here is fetched, after consent to it and to what will run in it.
        Raises ConsentNeeded too, and what a fetch raises."""
        assert block.lock
        try:
            return self.closure(block)
        except PythonError as error:
            from ..consent import python

            def agree(download: Download) -> Agreed:
                assert block.lock
                closure = select(block.lock, download.interpreter)
                digest = self.consent_digest(closure)
                return python.agree(download, closure, digest, self.settings, options, self.to_fetch(closure))

            self.pythons().fetch(block.lock.requires_python, error, agree, options, report)
            return self.closure(block)

    def interpreter_for(self, lock: Lock) -> Interpreter:
        return interpreters.choose(lock.requires_python, self.settings)

    def consent_digest(self, closure: Closure) -> str:
        """Of a closure and of every index that its files may come from."""
        urls = {index.name: index.url for index in self.indexes.indexes if not index.explicit}
        for row in closure.rows:
            if row.index:
                urls[row.index] = self.indexes.by_name(row.index).url
        return closure.consent_digest(urls)

    def to_fetch(self, closure: Closure) -> int:
        """Bytes of the wheels that no store here has, as far as the indexes told."""
        return size_of(self.store.missing(closure))

    def approved(self, closure: Closure, digest: str, options: Options, **more: Any) -> gate.Approved:
        """`more`: the other arguments of the gate. Raises ConsentNeeded, PolicyError."""
        return gate.approve(
            closure,
            digest,
            self.settings,
            accept=options.accept,
            startup=options.allow_startup,
            to_fetch=self.to_fetch,
            consents=self.consents,
            **more,
        )

    def check_sources(self, say: Say, plan: Plan) -> None:
        """Whether a policy allows what the change would ask other places for, or build. Raises PolicyError."""
        spec, typed = plan.spec, plan.typed
        kept = [row.name for row in say.closure.rows if row.kind in ("vcs", "directory") and row.name in spec.names]
        elsewhere = [name for name, item in typed.items() if item.placed] + [name for name in kept if name not in typed]
        self.consents.policy.check_sources(elsewhere, {name: spec.index_of(name) for name in plan.options.allow_build})

    def say(self, plan: Plan, interpreter: Interpreter) -> Say:
        """What the block has to say in a change, once that was asked about which would ask a place that only the block
        names. Raises ConsentNeeded, PolicyError."""

        def now() -> Say:
            return say_of(plan.before, plan.spec, interpreter, self.consents, self.was_approved, plan.typed, plan.back)

        say = now()
        if say.own or not say.reaches:
            return say
        digest = self.consent_digest(say.closure)
        ask_before_reaching(say, plan.before, plan.back, digest, self.settings, plan.options.accept, self.to_fetch)
        return now()

    def was_approved(self, closure: Closure) -> bool:
        """As it is, for this Python: not only each of its files."""
        try:
            return self.consent_digest(closure) in self.consents.all()
        except EnvsError:  # an index of it is not configured any more
            return False

    def learn(self, digest: str, closure: Closure, spec: Spec, lock: Lock, how: str, *, resolved: bool) -> None:
        """A list that was typed or shown may have its say from now on, and so may a lock that was resolved here from
        it."""
        made = [list_digest(spec, closure.interpreter, lock), *([lock_digest(lock)] if resolved else [])]
        self.consents.remember(digest, closure, how, made)

    def ask_before_code(self, closure: Closure, options: Options) -> None:
        """Source that was never built with the user's yes. uv takes it without a word once it has built it before."""
        new = self.consents.new_in(closure)
        names = [
            row.name
            for row in closure.rows
            if row.runs_code and row.kind != "directory" and row.name in new and row.name not in options.allow_build
        ]
        if names:
            from ..consent.questions import needs_build

            minor = closure.interpreter.minor
            why = {row.name: f"{row.name} {row.version} has no wheel for Python {minor}" for row in closure.rows}
            raise needs_build(names, why={name: why[name] for name in names})

    def resolved(self, spec: Spec, interpreter: Interpreter, report: Report, **more: Any) -> Lock:
        """`more`: the other fields of a Request."""
        from ..engines.protocols import Request
        from ..engines.uv.resolver import UvResolver

        with self.engine() as engine:
            return UvResolver(engine).resolve(Request(spec, interpreter, **more), report)

    def built(self, approved: gate.Approved, report: Report) -> Environment:
        found = self.store.find(approved.closure.id)
        if found:
            return found
        from ..engines.uv.installer import UvInstaller

        with self.engine() as engine:
            return self.store.ensure(approved, UvInstaller(engine), report)

    def well(self, closure: Closure, report: Report) -> Environment | None:
        """The environment, if it is there and as it was made; what is the matter with it is said."""
        damage = DAMAGE.get(self.store.health(closure.id, thorough=True) or "")
        if damage:
            report.note(f"{damage} {AGAIN}")
        return None if damage else self.store.find(closure.id)

    def remember_use(self, notebook: Path | None, now: Closure, before: Block) -> None:
        """A notebook has `now` and had `before`: gc spares what its undo may need."""
        uses.remember(self.settings.home, now.id, notebook)
        if before.lock:
            python = now.interpreter if before.lock.minor == now.interpreter.minor else None
            with suppress(EnvsError):  # made for another machine
                uses.remember(self.settings.home, self.closure(before, python).id, notebook)

    def base_file(self, interpreter: Interpreter) -> Path:
        return self.settings.home / "base" / f"{interpreter.minor}.json"

    def base_lock(self, interpreter: Interpreter) -> Lock | None:
        """None where it is not there, or says nothing that makes sense here: then it is made anew."""
        lock = kept.recalled(self.base_file(interpreter), Lock)
        with suppress(EnvsError):
            if lock and checked(lock, "base").minor == interpreter.minor and select(lock, interpreter):
                return lock
        return None

    def remember_lock(self, lock: Lock) -> None:
        """Kept by its digest: the history in a notebook holds versions, not files."""
        atomically(self.settings.home / "locks" / f"{lock.digest[7:]}.json", msgspec.json.encode(lock))
