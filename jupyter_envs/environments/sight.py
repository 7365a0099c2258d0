"""Finds out the status of a notebook's environment, without starting a process and without the network.

Which Python fits, what is in the stores, what was approved and what a policy says is checked each time. What follows
from a sight of all this, and from nothing else, is remembered: a page asks for it several times in a row."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from datetime import datetime, timezone
from typing import Generic, TypeVar

import msgspec
from msgspec.structs import astuple, replace

from ..consent.facts import facts, is_young
from ..errors import EnvsError, InputError, PolicyError, PythonError
from ..kernel.amounts import count, named
from ..model.block import Block
from ..model.closure import Chosen, Closure, select, size_of
from ..model.interpreter import Interpreter
from ..model.lock import Lock
from ..model.lock_rules import check_supported
from ..store import Environment
from ..store.damage import BUILT_AGAIN, DAMAGE
from .here import Here
from .status import Status

V = TypeVar("V")
UNREVIEWED = "Built here, but you have not approved that"
FEW = 5
"""How many packages a sentence names."""
MOST = 16 << 20
"""Bytes of JSON: a block is 4 MB at most, and some ten kB as a rule."""


class Written(msgspec.Struct, frozen=True):
    """A block and the digest of its text, which is quick to compare."""

    block: Block
    lock: Lock
    size: int
    key: bytes

    @classmethod
    def of(cls, block: Block, lock: Lock) -> Written:
        text = msgspec.json.encode(block)
        return cls(block, lock, len(text), hashlib.sha256(text).digest())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Written) and self.key == other.key


class Sight(msgspec.Struct, frozen=True):
    """Everything that the status of a locked block depends on, at this `moment`. `missing`: None if the environment
    exists and may be used; `damage`: what is wrong with one that was built, in a sentence; `unreviewed`: packages with
    code that would run before any cell, and that nobody has been asked about; `young`: the packages that are young at
    this moment."""

    written: Written
    closure: Closure
    digest: str
    new: tuple[str, ...]
    approved: bool
    environment: Environment | None
    missing: tuple[Chosen, ...] | None
    damage: str | None
    unreviewed: tuple[str, ...]
    young: tuple[str, ...]
    moment: datetime

    def __eq__(self, other: object) -> bool:
        """At whatever moment, which is the last."""
        return isinstance(other, Sight) and astuple(self)[:-1] == astuple(other)[:-1]


class Latest(Generic[V]):
    """Values by a digest, `most` bytes of them: those that were asked for last. Can be used from any thread."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[bytes, tuple[int, V]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def recall(self, key: bytes) -> V | None:
        with self._lock:
            if key not in self._known:
                return None
            self._known.move_to_end(key)
            return self._known[key][1]

    def keep(self, key: bytes, size: int, value: V) -> None:
        """`size` in bytes."""
        with self._lock:
            if key in self._known:
                self._size -= self._known.pop(key)[0]
            if size > self._most:
                return
            self._known[key] = size, value
            self._size += size
            while self._size > self._most:
                self._size -= self._known.popitem(last=False)[1][0]


class Remembered:
    """For each block the last status, and the sight that it was computed from."""

    def __init__(self, most: int = MOST) -> None:
        self._known: Latest[tuple[Sight, Status]] = Latest(most)

    def closure(self, written: Written, interpreter: Interpreter) -> Closure:
        """Like `select`, which it calls."""
        known = self._known.recall(written.key)
        found = known[0].closure if known else None
        return found if found and found.interpreter == interpreter else select(written.lock, interpreter)

    def status(self, sight: Sight) -> Status:
        """Like `compute`, which it calls."""
        known = self._known.recall(sight.written.key)
        status = known[1] if known and known[0] == sight else compute(sight)
        self._known.keep(sight.written.key, sight.written.size, (sight, status))
        return status


REMEMBERED = Remembered()
"""Of this process: a kernel's start and the server ask one after the other."""


def status_of(block: Block | None, here: Here) -> Status:
    if block is None or not block.asks:
        return Status("no-block", "This notebook has no environment of its own yet.", block)
    try:
        check_supported(block.spec, block.lock)
    except InputError as error:
        return Status("not-built", error.sentence, block, error=error)
    if block.lock is None:
        return Status("changed", "Not locked yet: exact versions have not been chosen.", block)
    try:
        interpreter = here.interpreter_for(block.lock, block.agreed_python)
    except PythonError as error:
        from .pythons import Pythons, offering  # here: what most notebooks need is there

        download = Pythons(here).offered(block.lock.requires_python)
        if download:
            error = offering(error, download)
        return Status("no-python", error.sentence, block, error=error)
    written = Written.of(block, block.lock)
    try:
        closure = REMEMBERED.closure(written, interpreter)
        digest = here.consent_digest(closure)
        here.consents.check(closure)
    except EnvsError as error:
        return Status("not-built", error.sentence, block, error=error)
    try:
        return REMEMBERED.status(look(written, closure, digest, here))
    except PolicyError as error:
        return Status("not-built", error.sentence, block, error=error)


def look(written: Written, closure: Closure, digest: str, here: Here) -> Sight:
    """Raises StoreError and PolicyError."""
    consents, store, moment = here.consents, here.store, datetime.now(timezone.utc)
    new = consents.new_in(closure)
    approved = consents.knows(digest, closure)
    found = store.find(closure.id) if approved else None
    unreviewed = here.unreviewed(closure, found) if found else None
    environment = found if unreviewed == {} else None
    missing = None if environment else () if unreviewed else store.missing(closure)
    gone = approved and unreviewed is None and written.block.locked
    damage = DAMAGE.get("env-drift" if found else store.health(closure.id) or "") if gone else None
    young = tuple(row.name for row in closure.rows if is_young(row, moment))
    early = tuple(unreviewed or ())
    return Sight(written, closure, digest, new, approved, environment, missing, damage, early, young, moment)


def compute(sight: Sight) -> Status:
    """The same for equal sights: it looks at nothing else."""
    block, closure, environment = sight.written.block, sight.closure, sight.environment
    asked = facts(
        closure,
        sight.digest,
        new=sight.new,
        declared=block.spec.names,
        fetch=size_of(sight.missing or ()),
        now=sight.moment,
    )
    local = sight.written.lock.machine_local
    over = Status("not-built", "", block, closure).overridden
    notes = (
        *(f"{name} comes from a folder on one machine; it cannot be built on others." for name in local),
        *(f"{text} overrides what packages require." for text in block.overrides),
        *(f"{text} does not count here: it is overridden." for text in over),
        *(f"{name} is installed without what it needs." for name in block.no_deps),
    )
    python, packages = closure.interpreter.minor, count(len(closure.rows), "package")
    status = Status(
        "not-built",
        f"Not built here: Python {python}, {packages}, {len(sight.new)} of them new.",
        block,
        closure,
        consent=asked | {"approved": sight.approved},
        notes=notes,
        missing=sight.missing,
    )
    sentence = status.unmet if block.locked else "The lock is older than the list of packages."
    if sentence:
        return replace(status, state="changed", sentence=sentence, environment=environment)
    if environment:
        return status.built(environment)
    if sight.unreviewed:
        names, runs = named(sight.unreviewed, FEW), "runs" if len(sight.unreviewed) == 1 else "run"
        why = f"{UNREVIEWED} {names} {runs} code whenever Python or a kernel starts."
    else:
        why = f"{sight.damage} {BUILT_AGAIN}" if sight.damage else ""
    return replace(status, sentence=why or status.sentence, withheld=why)
