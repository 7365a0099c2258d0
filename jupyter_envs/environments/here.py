"""What this machine has for one use: settings, store, consents and policy, indexes, uv. It is made again for each
command, each request and each start of a kernel, so that a policy or an index that has changed in the meantime
counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from ..consent.consents import Consents
from ..errors import ConsentNeeded, EnvsError, PolicyError
from ..machine import indexes, interpreters
from ..machine.interpreters import Interpreter
from ..model.closure import Closure, select, size_of
from ..model.lock import Lock
from ..settings import Settings
from ..store import Environment, Store

if TYPE_CHECKING:
    from ..engines.choice import Engines
    from ..engines.uv.tool import Engine


class Here(msgspec.Struct, frozen=True, dict=True):
    """Each part is made when it is first needed."""

    settings: Settings
    other_engines: Engines | None = None
    """Instead of ours."""

    @cached_property
    def engines(self) -> Engines:
        from ..engines.choice import OurEngines  # here: looking asks no engine

        return self.other_engines or OurEngines(self.settings)

    @cached_property
    def store(self) -> Store:
        return Store(self.settings, self.other_engines)

    @cached_property
    def consents(self) -> Consents:
        """And the policy."""
        return Consents(self.settings, self.store.has)

    @cached_property
    def indexes(self) -> indexes.Indexes:
        """Raises IndexError_ if the configuration is not valid."""
        return indexes.load(self.settings)

    def engine(self) -> Engine:
        """uv as a tool, which also fetches Pythons for this machine."""
        from ..engines.uv.engine import UvEngine  # here: looking starts no tool

        return UvEngine(self.settings).tool(self.indexes, self.consents.policy)

    # -- what follows from these, and from nothing else ------------------------------------------------------

    def interpreter_for(self, lock: Lock, requires: str | None = None) -> Interpreter:
        """`requires`: what the list asks for besides, where the lock was made for that list. Raises PythonError."""
        if self.settings.chosen_pythons.exists():
            from .chosen import chosen_for  # here: few people choose one

            return chosen_for(lock, requires, self.settings)
        return interpreters.choose(lock.python_limits(requires), self.settings)

    def closure(self, lock: Lock, interpreter: Interpreter | None = None, *, requires: str | None = None) -> Closure:
        """What the lock means here. Raises PythonError or InstallError."""
        return select(lock, interpreter or self.interpreter_for(lock, requires))

    def consent_digest(self, closure: Closure) -> str:
        """Digest of a closure and of every index that its files may come from."""
        urls = {index.name: index.url for index in self.indexes.indexes if not index.explicit}
        for row in closure.rows:
            if row.index:
                urls[row.index] = self.indexes.by_name(row.index).url
        return closure.consent_digest(urls)

    def unreviewed(self, closure: Closure, environment: Environment) -> Mapping[str, Sequence[str]] | None:
        """What would run before any cell in this environment of the closure, and nobody has been asked about: package
        -> files. None if nobody can tell any more, since files of the environment are gone. Raises PolicyError."""
        seen = self.store.startup(environment)
        return None if seen is None else self.consents.unreviewed(closure, seen)

    def refusal(self, environment: Environment) -> EnvsError | None:
        """Why an environment that only its id names may not be used."""
        try:
            seen = self.store.startup(environment)
            if seen is not None and self.consents.knows_environment(environment, seen):
                return None
        except PolicyError as error:
            return error
        return ConsentNeeded(
            "consent-needed",
            "You have not approved the environment that this kernel is for, or not any more.",
            hint="Open a notebook that has this environment, and build it there.",
        )

    def to_fetch(self, closure: Closure) -> int:
        """Bytes of the wheels that no store here has, as far as the indexes said."""
        return size_of(self.store.missing(closure))
