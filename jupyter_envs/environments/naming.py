"""Packages from an address or a path that were typed without a name. Where nothing says the name, one is made up; once
the package says its own, everything that was typed for it is for that one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from msgspec import structs

from ..errors import EnvsError
from ..model.options import Options
from ..model.requirement import Requirement, Source
from .outcome import Outcome


@dataclass(frozen=True)
class Named:
    """What was typed, under the names that are known by now. `notes`: those that were not known."""

    requirements: tuple[Requirement, ...]
    options: Options
    notes: tuple[str, ...] = ()

    def renamed(self, error: EnvsError) -> Named | None:
        """With the name that an error `name-differs` says; None for other errors, and where the name was typed."""
        given, found = error.data.get("given"), error.data.get("found")
        of_it = [item for item in self.requirements if item.name == given and item.source and item.source.guessed]
        if error.code != "name-differs" or not of_it or not isinstance(found, str):
            return None
        place = of_it[0].source
        shown = (place.vcs.url if place.vcs else place.path) if place else ""
        items = [_called(found, item) if item in of_it else item for item in self.requirements]
        options = self.options

        def moved(names: frozenset[str]) -> frozenset[str]:
            return (names - {given}) | {found} if given in names else names

        options = replace(
            options,
            allow_build=moved(options.allow_build),
            listed=moved(options.listed),
            indexes=options.indexes
            and {index: tuple(found if n == given else n for n in names) for index, names in options.indexes.items()},
        )
        return Named(tuple(items), options, (*self.notes, f"The package in {shown} is called {found}."))


def _called(name: str, item: Requirement) -> Requirement:
    return structs.replace(item, name=name, source=item.source and structs.replace(item.source, guessed=False))


def distinct(requirements: Sequence[Requirement]) -> tuple[Requirement, ...]:
    """No two places under one name that was made up."""
    taken = {item.name: _place(item.source) for item in requirements if item.source and not item.source.guessed}
    found = []
    for item in requirements:
        name, number = item.name, 2
        if item.source and item.source.guessed:
            while taken.setdefault(name, _place(item.source)) != _place(item.source):
                name, number = f"{item.name}-{number}", number + 1
        found.append(structs.replace(item, name=name))
    return tuple(found)


def _place(source: Source) -> tuple[object, ...]:
    """Where one package is, in whatever revision."""
    return (source.path, source.vcs and source.vcs.url, source.vcs and source.vcs.subdirectory)


def with_own_names(
    requirements: Sequence[Requirement], options: Options, change: Callable[[Named], Outcome]
) -> Outcome:
    """The result of `change`, which is done again as long as a package has another name than the one made up for it.
    Raises EnvsError."""
    named = Named(distinct(requirements), options)
    while True:
        try:
            outcome = change(named)
        except EnvsError as error:
            again = named.renamed(error)
            if again is None:
                raise
            named = again
            continue
        asked = tuple(dict.fromkeys(item.name for item in named.requirements))
        return replace(outcome, asked=outcome.asked or asked)
