"""What `status` offers for a notebook without an environment: lists of other tools in it and beside it."""

from __future__ import annotations

from ..dialects.offers import offers
from ..kernel.amounts import count
from ..kernel.foreign import quoted
from .target import FilePlace


def offer(place: FilePlace) -> tuple[list[dict[str, object]], str]:
    """Rows for programs, the likeliest first, and one line for people; "" if there is nothing."""
    found = list(offers(place.file.content, place.file.path.parent))
    uses = [f"jupyter envs import {quoted(place.name)} {one.words}" for one in found]
    rows: list[dict[str, object]] = [
        {
            "name": one.name,
            "dialect": one.dialect,
            "where": one.where,
            "packages": one.packages,
            "locked": one.locked,
            "line": f"{one.sentence}. To use it: {use}",
        }
        for one, use in zip(found, uses, strict=True)
    ]
    if not found:
        return [], ""
    others = len(found) - 1
    more = f"  ({count(others, 'other')}: jupyter envs import {quoted(place.name)})" if others else ""
    return rows, f"{rows[0]['line']}{more}"
