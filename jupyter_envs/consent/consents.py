"""What a user approved: `<home>/consents.json`, readable only by the user, never in a notebook.

A file is approved with its package's name and version, and with its origin. What else was shown or typed with it (a
list of packages, a lock that we resolved) is kept with the same consent, by a digest that is computed here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

import msgspec

from ..errors import StoreError
from ..kernel import writing
from ..model.closure import Chosen, Closure
from ..model.environment import Environment
from ..model.moments import now
from ..settings import Settings
from ..system.files import atomically, make_private, usable
from ..system.kept import Damaged, stated
from ..system.leases import alone
from .ledger import Approvals, Consent, Given, Row, files_of, key_of, rows_of
from .policy import Policy, load

SEEN = "seen and accepted"
SAID = (SEEN, "accepted", "JUPYTER_ENVS_CONSENT", "setup")
"""How the user approved exactly this closure."""
_KNOWN: dict[Path, Given] = {}
"""What this process has read: the file grows with every notebook that its user approves, and each kernel's start reads
it."""


class Consents(msgspec.Struct, frozen=True, dict=True):
    """`stored`: whether a file is unpacked in a store already, so that no address is contacted for it."""

    settings: Settings
    stored: Callable[[Closure, Chosen], bool] = lambda closure, row: False

    @property
    def _file(self) -> Path:
        return self.settings.home / "consents.json"

    @cached_property
    def policy(self) -> Policy:
        """Raises PolicyError."""
        return load()

    def check(self, closure: Closure) -> None:
        """Raises PolicyError if no consent of the user would help."""
        self.policy.check(closure, exempt=self._given().setup)
        early = self.checked_startup_files()
        self.policy.check_startup(row.name for row in closure.rows if row.sha256 in early)

    # -- looking ---------------------------------------------------------------------------------------------

    def all(self) -> dict[str, Consent]:
        """By the digest of the closure."""
        return self._given().value.closures

    def startup_files(self) -> frozenset[str]:
        """sha256 of the packages whose code may run at each start of Python."""
        return frozenset(self._given().value.startup)

    def checked_startup_files(self) -> frozenset[str]:
        """Those about which `check` asks the policy: without what the set-up installed."""
        return self.startup_files() - self._given().setup

    def unreviewed(self, closure: Closure, seen: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """Of the packages of a closure whose code runs before any cell (`seen`: with the files that do), those about
        which nobody has been asked. Raises PolicyError where the policy allows none of them."""
        self.policy.check_startup(seen)
        return {} if self.policy.ask == "never" else self.unknown_startup(closure, seen)

    def unknown_startup(self, closure: Closure, seen: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """The same, whatever the policy says."""
        known, hashes = self.startup_files(), {row.name: row.sha256 for row in closure.rows}
        return {name: list(files) for name, files in sorted(seen.items()) if hashes.get(name) not in known}

    def knows_environment(self, environment: Environment, seen: Mapping[str, Sequence[str]]) -> bool:
        """Whether an environment whose closure is not at hand was approved, as that closure or file by file, and the
        code in it that runs before any cell (`seen`, as above). If its files were not written down when it was built,
        only its closure counts. Raises PolicyError."""
        given, entry = self._given(), self.all().get(environment.consent)
        files = environment.files or files_of(given.value, entry)
        self.policy.check_startup(seen)
        installed = {name for name, file in files.items() if not file.origin and file.sha256 in given.setup}
        origins = {name: files[name].origin if name in files else None for name in environment.packages}
        self.policy.check_names({name: origin for name, origin in origins.items() if name not in installed})
        if self.policy.ask == "never":
            return True
        if self.policy.ask == "always" and (entry is None or entry.how not in SAID):
            return False
        if entry is None and not all(self._approved_file(environment, name, given) for name in environment.packages):
            return False
        startup, nameless = self.startup_files(), entry.files if entry and not files else ()  # as version 1 kept them
        if nameless:
            return len(startup.intersection(nameless)) >= len(seen)
        return all(name in files and files[name].sha256 in startup for name in seen)

    def _approved_file(self, environment: Environment, name: str, given: Given) -> bool:
        """It is here already, so no address is contacted for it."""
        file, version = environment.files.get(name), environment.packages[name]
        if file is None:
            return False
        row = (name, version, file.sha256, file.origin, environment.minor)
        allowed = not file.runs_code and self.policy.names(name, file.origin)
        return allowed or given.has(row, lambda: not file.runs_code)

    def has_learned(self, digest: str) -> bool:
        """Whether this list was shown or typed, or this lock was resolved here from such a list."""
        return digest in self._given().learned

    def has_version(self, name: str, version: str) -> bool:
        """Whether a file of it that comes from an index was approved."""
        return (name, version) in self._given().versions

    def knows(self, digest: str, closure: Closure) -> bool:
        """Whether this closure was approved, or each of its files; by the user, or by a policy. Raises PolicyError."""
        self.check(closure)
        if self.policy.ask == "never":
            return True
        given = self.all().get(digest)
        if self.policy.ask == "always":
            return given is not None and given.how in SAID
        return given is not None or (bool(closure.rows) and not self.new_in(closure))

    def new_in(self, closure: Closure) -> tuple[str, ...]:
        """Names of the packages whose file was never approved for this Python, or not with this origin, and that no
        policy allows."""
        given = self._given()
        return tuple(
            row.name for row in closure.rows if not (self._approved(row, closure, given) or self.policy.allows(row))
        )

    def unapproved(self, closure: Closure) -> tuple[Chosen, ...]:
        """The same for what may influence a change: only name, version, file and origin together count."""
        known, python = self._given().rows, closure.interpreter.minor
        return tuple(row for row in closure.rows if not (key_of(row, python) in known or self.policy.allows(row)))

    def _approved(self, row: Chosen, closure: Closure, given: Given) -> bool:
        return given.has(key_of(row, closure.interpreter.minor), lambda: self.stored(closure, row))

    # -- saying yes, and taking it back ----------------------------------------------------------------------

    def remember(self, digest: str, closure: Closure, how: str, learned: Iterable[str] = ()) -> None:
        """`learned`: digests of the list and of the lock that were shown or typed with it."""
        with self._locked():
            value = self._fresh()
            before = value.closures.get(digest)
            known = before is not None and before.how in (how, *SAID) and bool(before.rows)
            entry = before if before and known else _entry(closure, how)
            entry = msgspec.structs.replace(
                entry, learned=tuple(sorted({*(before.learned if before else ()), *learned}))
            )
            if entry == before:
                return
            rows = {digest: rows_of(value, given) for digest, given in value.closures.items()}
            rows[digest] = rows[digest] if known else [key_of(row, entry.python) for row in closure.rows]
            self._write({**value.closures, digest: entry}, rows, value.startup)

    def remember_startup(self, hashes: Iterable[str]) -> None:
        with self._locked():
            value = self._fresh()
            self._store(msgspec.structs.replace(value, version=2, startup=tuple(sorted({*value.startup, *hashes}))))

    def revoke(self, digest: str) -> bool:
        """Whether there was such a consent. Its files that other consents name stay approved, and so does their code at
        the start of Python; the lists and locks that came with it do not."""
        return bool(self.revoke_these([digest]))

    def revoke_these(self, digests: Collection[str]) -> list[str]:
        """Those that existed."""
        with self._locked():
            value = self._fresh()
            gone = [digest for digest in digests if digest in value.closures]
            left = {digest: given for digest, given in value.closures.items() if digest not in gone}
            if gone:
                self._write(left, {digest: rows_of(value, given) for digest, given in left.items()}, value.startup)
        return gone

    def revoke_all(self) -> list[str]:
        """The digests of the closures that were approved. Afterwards, nothing is approved."""
        with self._locked():
            gone = sorted(self._fresh().closures)
            self._store(Approvals({}))
        return gone

    # -- the file --------------------------------------------------------------------------------------------

    @contextmanager
    def _locked(self) -> Iterator[None]:
        make_private(self._file.parent)
        with ExitStack() as stack:
            if not stack.enter_context(alone(self._file.with_suffix(".lock"), 30)):
                stack.enter_context(writing.one_at_a_time(self._file))  # there are no locks here
            yield

    def _given(self) -> Given:
        """Read again only if the file has changed."""
        try:
            status = self._file.stat()
            state = (status.st_ino, status.st_mtime_ns, status.st_size)
        except OSError:
            state = None
        known = _KNOWN.get(self._file)
        if state is None or known is None or known.state != state:
            _KNOWN[self._file] = known = Given(state, self._fresh())
        return known

    def _fresh(self) -> Approvals:
        usable(self._file.parent)
        try:
            value = stated(self._file, Approvals)
        except FileNotFoundError:
            return Approvals({})
        except Damaged as error:
            raise self._damaged(str(error)) from None
        if any(not 0 <= i < len(value.rows) for given in value.closures.values() for i in given.rows):
            raise self._damaged("an entry names a row that is not there")
        return value

    def _damaged(self, details: str) -> StoreError:
        return StoreError(
            "consents-damaged", f"The list of consents, {self._file}, cannot be read.",
            hint="Move the file away; you will be asked again.", details=details,
        )  # fmt: skip

    def _write(self, closures: Mapping[str, Consent], rows: Mapping[str, list[Row]], startup: Iterable[str]) -> None:
        """`rows`: of each closure. The table contains each row once, and only rows that a consent names."""
        table = {row: i for i, row in enumerate(sorted({row for each in rows.values() for row in each}))}
        entries = {
            digest: msgspec.structs.replace(given, rows=tuple(table[row] for row in rows[digest]))
            for digest, given in closures.items()
        }
        files = {row[2] for row in table} | {sha256 for given in entries.values() for sha256 in given.files}
        self._store(Approvals(entries, tuple(table), tuple(sha256 for sha256 in startup if sha256 in files)))

    def _store(self, value: Approvals) -> None:
        atomically(self._file, msgspec.json.encode(value))


def _entry(closure: Closure, how: str) -> Consent:
    return Consent(at=now(), how=how, python=closure.interpreter.minor, packages=len(closure.rows))
