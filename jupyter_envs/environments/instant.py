"""An environment that a kernel may wait for: it consists of wheels that are all here."""

from __future__ import annotations

from ..consent import gate
from ..model.block import Block
from ..model.closure import Chosen, Closure
from ..store import Environment
from .base import base_closure
from .here import Here
from .publishing import publish


def make_at_once(
    block: Block | None, here: Here, closure: Closure | None = None, missing: tuple[Chosen, ...] | None = None
) -> Environment | None:
    """The environment that `build` would make from the block, if the user has approved it and it takes milliseconds, no
    process and no network: all its wheels are here. None otherwise. `closure` is what the block means here, and
    `missing` what the store does not have, if this is known. Raises what a lock raises that does not fit here."""
    closure = closure or _wanted(block, here)
    if closure is None:
        return None
    digest = here.consent_digest(closure)
    if not here.consents.knows(digest, closure):
        return None
    if here.store.missing(closure) if missing is None else missing:
        return None
    from ..engines.protocols import NoInstaller

    return publish(gate.approve(closure, digest, here.consents), NoInstaller(), here)


def _wanted(block: Block | None, here: Here) -> Closure | None:
    if block is None:
        return base_closure(here)
    return here.closure(block.lock, requires=block.agreed_python) if block.lock else None
