"""What is said about packages with a source of their own, and about names that they turn out not to have."""

from __future__ import annotations

from collections.abc import Mapping

from ...errors import EnvsError, ResolveError
from ...model.requirement import Source


def with_place(error: EnvsError, places: Mapping[str, Source]) -> EnvsError:
    """An error `name-differs`, with where the package comes from and how to write it; every other error as it is."""
    place = places.get(str(error.data.get("given")))
    if error.code != "name-differs" or place is None:
        return error
    given, found = error.data["given"], error.data["found"]
    shown = place.path or (place.vcs and place.vcs.url)
    return ResolveError(
        "name-differs",
        f"The package in {shown} is called {found}, and not {given}.",
        hint=f"Write: {found} @ {place.url}",
        details=error.details,
        data=error.data,
    )


def why_built(name: str, place: Source) -> str:
    """Part of the question before the code of a source runs."""
    unknown = " (its own name is not known before)" if place.guessed else ""
    where = place.vcs.url if place.vcs else "a folder" if place.path and place.path.is_dir() else "an archive"
    return f"{name}{unknown} is built from source, from {where}"
