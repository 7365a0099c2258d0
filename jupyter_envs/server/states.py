"""The state of a raw block, as front ends see it; and whether what a stand-in waits for exists."""

from __future__ import annotations

from msgspec.structs import replace

from ..consent.ownership import lock_digest
from ..environments.base import find_base
from ..environments.here import Here
from ..environments.sight import status_of
from ..environments.status import State, Status
from ..errors import EnvsError, InputError
from ..model.block import Block
from ..model.interpreter import Interpreter
from ..model.lock import Lock
from ..model.lock_rules import check_supported
from ..settings import Settings
from ..store import Environment
from .kernels import KernelFile
from .parsed import ParsedBlocks

REMEMBERED = 500


class States:
    """Everything here may read files, and must run in a thread. Each look starts from scratch: a policy, an index or a
    Python that has been added in the meantime counts."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._blocks = ParsedBlocks()
        self._ids: dict[tuple[str, Interpreter], str] = {}

    def block(self, raw: object) -> Block | None:
        """Raises InputError that says what is wrong with it."""
        return None if raw is None else self._blocks.parse(raw)

    def of(self, raw: object) -> Status:
        """Raises InputError that says what is wrong with the block."""
        return status_of(self.block(raw), Here(self._settings))

    def _whatever(self, raw: object) -> Status:
        """As a state, whatever the block may contain."""
        try:
            return self.of(raw)
        except InputError as error:
            sentence = "The environment in this notebook cannot be read, so it was not changed."
            return Status("invalid", sentence, None, error=error)

    def of_kernel(self, context: KernelFile) -> Status:
        """A stand-in knows more than its block: why it is a stand-in."""
        status = self._whatever(context.block)
        if context.standin and context.state in ("invalid", "failed") and (context.block is None or context.died):
            state: State = "failed" if context.state == "failed" else "invalid"
            sentence = context.sentence or status.sentence
            return replace(status, state=state, sentence=sentence, error=context.error)
        return status

    def coming(self, context: KernelFile, status: Status) -> tuple[Environment | None, str | None]:
        """The environment of its block, if a kernel sees another, or thinks that it has to restart for another; and why
        it stays where it is, if it was told of this one."""
        wanted = self._next(context, status)
        told = wanted is not None and (context.environment or {}).get("id") == wanted.id
        return wanted, context.restart if told else None

    def _next(self, context: KernelFile, status: Status) -> Environment | None:
        if context.standin or context.sees is None:
            return None
        if status.state != "no-block":
            wanted = status.environment
        elif context.base and context.restart is None:
            return None  # it is in a base environment already, even if not in the latest
        else:
            wanted = self.base()
        if wanted is None:
            return None
        waits = context.restart is not None and (context.environment or {}).get("id") != wanted.id
        return wanted if waits or wanted.id != context.sees.get("id") else None

    def base(self) -> Environment | None:
        return find_base(Here(self._settings))

    def built(self, context: KernelFile) -> str | None:
        """The folder of the environment that this kernel should run in; None if it does not exist or is not approved.
        Cheap as long as it does not exist: its block is parsed and its id computed only the first time."""
        if context.block is None and context.state in ("invalid", "failed"):
            return None  # nothing that could be built would help
        block = self.block(context.block)
        if block is None or not block.asks:
            environment = self.base()
        else:
            check_supported(block.spec, block.lock)
            environment = self._approved(block.lock, block.agreed_python, Here(self._settings)) if block.lock else None
        return str(environment.prefix) if environment else None

    def _approved(self, lock: Lock, requires: str | None, here: Here) -> Environment | None:
        """Like `status_of`, without everything that only a page needs."""
        python = here.interpreter_for(lock, requires)
        found = here.store.find(self._id(lock, python, here))
        if not found:
            return None
        try:
            closure = here.closure(lock, python)
            approved = here.consents.knows(here.consent_digest(closure), closure)
            return found if approved and here.unreviewed(closure, found) == {} else None
        except EnvsError:
            return None

    def _id(self, lock: Lock, python: Interpreter, here: Here) -> str:
        key = (lock_digest(lock), python)  # the lock's own digest does not say which file has which hash
        if key not in self._ids:
            if len(self._ids) >= REMEMBERED:
                self._ids.clear()
            self._ids[key] = here.closure(lock, python).id
        return self._ids[key]
