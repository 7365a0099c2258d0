"""Finds out the status of a notebook's environment, without starting a process and without the network.

Which Python fits, what is in the stores, what was approved and what a policy says is checked each time. What follows
from a sight of all this, and from nothing else, is remembered: a page asks for it several times in a row."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone

import msgspec

from ..consent.facts import facts, is_young
from ..errors import EnvsError, InputError, PythonError
from ..kernel.amounts import count
from ..model.block import Block
from ..model.closure import Chosen, Closure, select, size_of
from ..model.interpreter import Interpreter
from ..model.lock import Lock
from ..model.support import check_supported
from ..store import Environment
from ..store.damage import BUILT_AGAIN, DAMAGE
from .here import Here
from .status import Status

MOST = 16 << 20
"""Bytes of JSON: a block is 4 MB at most, and some ten kB as a rule."""


@dataclass(frozen=True)
class Written:
    """A block and the digest of its text, which is quick to compare."""

    block: Block = field(compare=False)
    lock: Lock = field(compare=False)
    size: int
    key: bytes

    @classmethod
    def of(cls, block: Block, lock: Lock) -> Written:
        text = msgspec.json.encode(block)
        return cls(block, lock, len(text), hashlib.sha256(text).digest())


@dataclass(frozen=True)
class Sight:
    """Everything that the status of a locked block depends on, at this `moment`. `missing`: None if the environment
    exists; `damage`: what is wrong with one that was built, in a sentence; `young`: the packages that are young at this
    moment."""

    written: Written
    closure: Closure
    digest: str
    new: tuple[str, ...]
    approved: bool
    environment: Environment | None
    missing: tuple[Chosen, ...] | None
    damage: str | None
    young: tuple[str, ...]
    moment: datetime = field(compare=False)


class Remembered:
    """For each block the last status, and the sight that it was computed from; only the blocks that were asked for
    last."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: tuple[tuple[Sight, Status], ...] = ()
        self._lock = threading.Lock()

    def closure(self, written: Written, interpreter: Interpreter) -> Closure:
        """Like `select`, which it calls."""
        for sight, _ in self._known:
            if sight.written == written and sight.closure.interpreter == interpreter:
                return sight.closure
        return select(written.lock, interpreter)

    def status(self, sight: Sight) -> Status:
        """Like `compute`, which it calls."""
        status = next((status for known, status in self._known if known == sight), None) or compute(sight)
        with self._lock:
            others = [each for each in self._known if each[0].written != sight.written]
            kept, size = [(sight, status)], sight.written.size
            for each in reversed(others):
                size += each[0].written.size
                if size <= self._most:
                    kept.insert(0, each)
            self._known = tuple(kept) if sight.written.size <= self._most else tuple(others)
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
        interpreter = here.interpreter_for(block.lock)
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
    return REMEMBERED.status(look(written, closure, digest, here))


def look(written: Written, closure: Closure, digest: str, here: Here) -> Sight:
    """Raises StoreError and PolicyError."""
    consents, store, moment = here.consents, here.store, datetime.now(timezone.utc)
    new = consents.new_in(closure)
    approved = consents.knows(digest, closure)
    environment = store.find(closure.id) if approved else None
    missing = None if environment else store.missing(closure)
    gone = approved and environment is None and written.block.locked
    damage = DAMAGE.get(store.health(closure.id) or "") if gone else None
    young = tuple(row.name for row in closure.rows if is_young(row, moment))
    return Sight(written, closure, digest, new, approved, environment, missing, damage, young, moment)


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
    notes = tuple(f"{name} comes from a folder on one machine; it cannot be built on others." for name in local)
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
    if not block.locked:
        sentence = "The lock is older than the list of packages."
        return replace(status, state="changed", sentence=sentence, environment=environment)
    if environment:
        return status.built(environment)
    return replace(status, sentence=f"{sight.damage} {BUILT_AGAIN}") if sight.damage else status
