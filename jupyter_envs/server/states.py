"""The state of a raw block as it is told outside; and whether what a stand-in waits for is there."""

from __future__ import annotations

from dataclasses import replace

from ..environments.status import State, Status
from ..environments.use_cases import Environments
from ..errors import EnvsError, InputError
from ..model.block import Block
from ..store import Environment
from .kernels import Context
from .parsed import ParsedBlocks

REMEMBERED = 500


class States:
    """All of it may read files and must run in a thread."""

    def __init__(self, environments: Environments) -> None:
        self._environments = environments
        self._blocks = ParsedBlocks()
        self._ids: dict[str, str] = {}

    def block(self, raw: object) -> Block | None:
        """Raises InputError that says what is the matter with it."""
        return None if raw is None else self._blocks.parse(raw)

    def of(self, raw: object) -> Status:
        """Raises InputError that says what is the matter with the block."""
        return self._environments.status(self.block(raw))

    def _whatever(self, raw: object) -> Status:
        """As a state, whatever the block may hold."""
        try:
            return self.of(raw)
        except InputError as error:
            sentence = "The environment in this notebook cannot be read, so it was not changed."
            return Status("invalid", sentence, None, error=error)

    def of_kernel(self, context: Context) -> Status:
        """A stand-in knows more than its block: why it stands in."""
        status = self._whatever(context.block)
        if context.standin and context.state in ("invalid", "failed") and (context.block is None or context.died):
            state: State = "failed" if context.state == "failed" else "invalid"
            sentence = context.sentence or status.sentence
            return replace(status, state=state, sentence=sentence, error=context.error)
        return status

    def base(self) -> Environment | None:
        return self._environments.base()

    def built(self, context: Context) -> str | None:
        """The folder of the environment that this kernel should run; None while it is not there or not approved.
        Cheap while it is not there: one failing read. Its block was parsed and its id computed the first time."""
        if context.block is None and context.state in ("invalid", "failed"):
            return None  # nothing that could be built would help
        block = self.block(context.block)
        environment: Environment | None
        if block is None or not (block.lock or block.dependencies or block.requires_python):
            environment = self.base()
        elif block.lock is None:
            environment = None
        else:
            environment = self._approved(block) if self._environments.store.find(self._id(block)) else None
        return str(environment.prefix) if environment else None

    def _approved(self, block: Block) -> Environment | None:
        """As `status` finds it, without all that a page is told about it."""
        try:
            closure = self._environments.closure(block)
            digest = self._environments.consent_digest(closure)
            approved = self._environments.consents.knows(digest, closure)
        except EnvsError:
            return None
        return self._environments.store.find(closure.id) if approved else None

    def _id(self, block: Block) -> str:
        assert block.lock
        key = block.lock.digest
        if key not in self._ids:
            if len(self._ids) >= REMEMBERED:
                self._ids.clear()
            self._ids[key] = self._environments.closure(block).id
        return self._ids[key]
