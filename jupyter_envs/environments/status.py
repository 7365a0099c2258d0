"""What can be said about a notebook's environment without a process or a packet."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..consent.facts import facts
from ..errors import EnvsError, PythonError
from ..model.block import Block
from ..model.closure import Chosen, Closure, select, size_of
from ..store import Environment
from ..store.damage import AGAIN, DAMAGE
from .pythons import offering

if TYPE_CHECKING:
    from .here import Rooms


@dataclass(frozen=True)
class Status:
    """`state`: no-block, ready, changed (the lock is older than the list), not-built, no-python or invalid."""

    state: str
    sentence: str
    block: Block | None = None
    closure: Closure | None = None
    environment: Environment | None = None
    consent: dict[str, Any] | None = None
    error: EnvsError | None = None
    notes: tuple[str, ...] = field(default=())
    missing: tuple[Chosen, ...] | None = None
    """What a build would have to unpack; None where nobody has looked."""

    def to_dict(self) -> dict[str, Any]:
        block = self.block
        versions = self._versions()
        python = self.closure.interpreter if self.closure else None
        return {
            "state": self.state,
            "sentence": self.sentence,
            "digest": block.digest if block else None,
            "python": {
                "requires": block.requires_python if block else None,
                "locked": block.lock.minor if block and block.lock else None,
                "version": python.version if python else None,
                "path": str(python.path) if python else None,
            },
            "dependencies": [
                {"requirement": text, "name": name, "version": versions.get(name)}
                for text, name in (zip(block.dependencies, block.spec.names, strict=True) if block else ())
            ],
            "packages": self._packages(),
            "environment": self.environment.to_dict() if self.environment else None,
            "consent": self.consent,
            "error": self.error.to_dict() if self.error else None,
            "notes": list(self.notes),
        }

    def built(self, environment: Environment) -> Status:
        """The same, now that the environment is there."""
        if self.state == "changed":
            return replace(self, environment=environment)
        sentence = f"Ready: Python {environment.version}, {len(environment.packages)} packages."
        return replace(self, state="ready", sentence=sentence, environment=environment)

    def _versions(self) -> dict[str, str]:
        if self.closure:
            return self.closure.versions
        rows = self.block.lock.packages if self.block and self.block.lock else ()
        return {row.name: row.version for row in rows}

    def _packages(self) -> list[dict[str, Any]]:
        declared = set(self.block.spec.names) if self.block else set()
        if self.closure:
            return [
                {"name": r.name, "version": r.version, "size": r.size, "kind": r.kind, "declared": r.name in declared}
                for r in self.closure.rows
            ]
        return [
            {"name": name, "version": version, "size": None, "kind": "wheel", "declared": name in declared}
            for name, version in self._versions().items()
        ]


def status_of(block: Block | None, rooms: Rooms) -> Status:
    if block is None or not (block.lock or block.dependencies or block.requires_python):
        return Status("no-block", "This notebook has no environment of its own yet.", block)
    if block.lock is None:
        return Status("changed", "Not locked yet: exact versions have not been chosen.", block)
    try:
        interpreter = rooms.interpreter_for(block.lock)
    except PythonError as error:
        download = rooms.pythons().offered(block.lock.requires_python)
        if download:
            error = offering(error, download)
        return Status("no-python", error.sentence, block, error=error)
    try:
        closure = select(block.lock, interpreter)
        digest = rooms.consent_digest(closure)
        rooms.consents.check(closure)
    except EnvsError as error:
        return Status("not-built", error.sentence, block, error=error)
    consents = rooms.consents
    new = consents.new_in(closure)
    approved = consents.knows(digest, closure)
    environment = rooms.store.find(closure.id) if approved else None
    missing = None if environment else rooms.store.missing(closure)
    fetch = size_of(missing or ())
    asked = facts(closure, digest, new=new, declared=block.spec.names, fetch=fetch) | {"approved": approved}
    notes = tuple(
        f"{name} comes from a folder on one machine; it cannot be built on others." for name in block.lock.machine_local
    )
    if not block.locked:
        return Status(
            "changed",
            "The lock is older than the list of packages.",
            block,
            closure,
            environment,
            asked,
            notes=notes,
            missing=missing,
        )
    if environment:
        return Status("ready", "", block, closure, None, asked, notes=notes).built(environment)
    sentence = f"Not built here: Python {interpreter.minor}, {len(closure.rows)} packages, {len(new)} of them new."
    damage = DAMAGE.get(rooms.store.health(closure.id) or "") if asked["approved"] else None
    if damage:
        sentence = f"{damage} {AGAIN}"
    return Status("not-built", sentence, block, closure, None, asked, notes=notes, missing=missing)
