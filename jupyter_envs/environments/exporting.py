"""A notebook's environment in a format of another tool, for people who do not have jupyter-envs."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from ..dialects.found import Written
from ..dialects.table import PlacesWriter, writer_of
from ..errors import EnvsError, InputError
from ..machine.indexes import plain_url
from ..model.block import Block
from ..model.lock import Lock
from .here import Here

PATIENCE = 60.0
"""Seconds for all pages of the indexes."""


def export(block: Block | None, form: str, here: Here) -> Written:
    """`form`: a key of WRITERS. Raises InputError."""
    writer = writer_of(form)
    if block is None or not block.asks:
        raise InputError("nothing-to-export", "This notebook asks for no packages, so there is nothing to write.")
    if getattr(writer, "LOCKS", False):
        check_locked(block)
    urls = addresses(block, here)
    if getattr(writer, "PLACES", False) and block.lock:
        written = cast("PlacesWriter", writer).write(block.spec, block.lock, urls, places_of(block.lock, here))
    else:
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


def places_of(lock: Lock, here: Here) -> dict[str, str]:
    """The address of each file of the lock, by its sha256; the indexes are asked. Raises EnvsError."""
    if here.settings.offline:
        raise EnvsError(
            "offline", "This format needs the address of each file from the index, and the network is turned off.",
            hint="requirements.txt needs no addresses: --format requirements.txt",
        )  # fmt: skip
    from ..machine.indexes.places import read_places  # here: most formats ask nobody

    wanted = {row.name: row.index for row in lock.packages if row.wheels or row.sdist}
    found = read_places(here.indexes, wanted, PATIENCE)
    files = [(name, file) for row in lock.packages for name, file in (*row.wheels.items(), *row.sdist.items())]
    return {file.sha256: found[name] for name, file in files if name in found}
