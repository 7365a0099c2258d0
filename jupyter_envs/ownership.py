"""Is what a notebook asks for the user's own doing? Only then does a typed change approve itself."""

from __future__ import annotations

from collections.abc import Callable

from packaging.requirements import Requirement

from .block import Block
from .closure import Closure, select
from .consents import Consents
from .errors import EnvsError
from .interpreters import Interpreter
from .lock import Lock
from .spec import Spec


def owned(
    block: Block,
    consents: Consents,
    interpreter_for: Callable[[Lock], Interpreter],
    digest_of: Callable[[Closure], str],
) -> bool:
    """The block is empty; or its lock was approved here, and so was its spec or all that the spec asks for.

    A spec may say something else than the lock beside it, so approving one is not approving the other."""
    if block.lock is None:
        return block.spec == Spec() or consents.knows_spec(block.spec.digest)
    known = consents.knows_spec(block.spec.digest)
    try:
        closure = select(block.lock, interpreter_for(block.lock))
        approved = consents.knows(digest_of(closure), closure)
    except EnvsError:
        # Made for another machine: nothing of it can be approved or run here, and what is asked for is made anew.
        return known and not any(row.runs_code for row in block.lock.packages)
    return approved and (known or _covered(block.spec, closure))


def _covered(spec: Spec, closure: Closure) -> bool:
    """Whether the spec asks for nothing beyond the files of the closure."""
    versions = closure.versions
    wanted = [Requirement(text) for text in spec.dependencies]
    return not (spec.indexes or spec.exclude_newer or spec.conda) and all(
        item.name in versions and not item.extras and item.specifier.contains(versions[item.name], prereleases=True)
        for item in wanted
    )
