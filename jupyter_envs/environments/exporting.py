"""A notebook's environment in a format of another tool, for people who do not have jupyter-envs."""

from __future__ import annotations

from dataclasses import replace

from ..dialects.found import Written
from ..dialects.table import writer_of
from ..errors import InputError
from ..machine.indexes import plain_url
from ..model.block import Block
from .here import Here


def export(block: Block | None, form: str, here: Here) -> Written:
    """`form`: a key of WRITERS. Raises InputError."""
    writer = writer_of(form)
    if block is None or not block.asks:
        raise InputError("nothing-to-export", "This notebook asks for no packages, so there is nothing to write.")
    if getattr(writer, "LOCKS", False):
        check_locked(block)
    urls = addresses(block, here)
    written = writer.write(block.spec, block.lock, urls)
    named = tuple(
        f"It names the address of your index {name}: {url}" for name, url in urls.items() if url in written.text
    )
    return replace(written, notes=(*written.notes, *named))


def check_locked(block: Block) -> None:
    """Raises InputError if there is no lock, or one of another list."""
    if block.lock is None:
        raise InputError(
            "not-locked", "This notebook asks for packages but has no lock.", hint="Run: jupyter envs lock NOTEBOOK"
        )
    if not block.locked:
        raise InputError(
            "lock-outdated", "The lock does not match what the notebook asks for.",
            hint="Run: jupyter envs lock NOTEBOOK",
        )  # fmt: skip


def addresses(block: Block, here: Here) -> dict[str, str]:
    """Of the indexes that the block names, as far as the user has configured them; without passwords."""
    names = {*block.indexes, *(row.index for row in (block.lock.packages if block.lock else ()) if row.index)}
    if not names:
        return {}
    return {index.name: plain_url(index.url) for index in here.indexes.indexes if index.name in names}
