"""The places that a requirements file names: of indexes, which the user's configuration has to know, and of files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..kernel.foreign import visible
from ..text import without_secrets
from .found import Found, FoundIndex
from .requirements_txt import PlaceOption


def with_places(found: Found, places: Iterable[PlaceOption]) -> Found:
    """Places of files are left out with a note."""
    indexes, left, never = list[FoundIndex](), list[str](), ""
    for place in places:
        if place.option.endswith("index-url"):
            indexes.append(FoundIndex("", place.value, place.option == "--index-url", place.where))
        elif place.option == "--no-index":
            never = never or f"{place.where}: --no-index"
        else:
            shown = visible(without_secrets(place.value)[:200])
            left.append(f"{place.where}: {place.option} {shown} is left out: a notebook names no places of files.")
    return replace(
        found, indexes=(*found.indexes, *indexes), no_index=found.no_index or never, notes=(*left, *found.notes)
    )
