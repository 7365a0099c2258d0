"""What is gathered from the tables of a project, until it is one `Found`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from packaging.utils import canonicalize_name

from ..errors import InputError
from ..model.requirement import Requirement
from .found import Found, FoundIndex, is_pypi
from .placed import Place, at_place, written

PYPI_NAME = "pypi"
ONE_INDEX = "A notebook takes a package from the same place on every system. Keep one of them, in a copy of the file."


def without_user(url: str) -> str:
    return re.sub(r"(?<=://)[^/]*@", "", url)


@dataclass
class IndexList:
    """The indexes of a project: of those with `default` each is asked about every package. PyPI is one of them unless
    another one stands in its place."""

    where: str
    known: dict[str, FoundIndex] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)
    pypi: bool = True

    def add(self, name: str, url: str, where: str, *, default: bool = True) -> None:
        self.known[name] = FoundIndex(name, without_user(url), default, where)

    def take(self, package: str, name: str, where: str) -> None:
        """Raises InputError for a second index of a package."""
        if self.taken.setdefault(package, name) != name:
            raise InputError(
                "foreign-file", f"{where}: {package} comes from two indexes, {self.taken[package]} and {name}.",
                hint=ONE_INDEX,
            )  # fmt: skip

    def of_found(self) -> tuple[tuple[FoundIndex, ...], dict[str, str]]:
        """What matters: an index that is asked, and is not the one that everybody has."""
        usual = {name for name, index in self.known.items() if is_pypi(index.url) and (self.pypi or index.default)}
        usual |= {PYPI_NAME} if self.pypi and PYPI_NAME not in self.known else set()
        defaults = [name for name, index in self.known.items() if index.default]
        if len(defaults) == 1 and not self.pypi:
            usual |= {defaults[0]}  # the only one that is asked: no package need name it
        taken = {package: name for package, name in self.taken.items() if name not in usual}
        needed = {*taken.values(), *defaults}
        found = [self.known[name] for name in self.known if name in needed]
        return tuple(index for index in found if not is_pypi(index.url) or index.name in taken.values()), taken


@dataclass
class Project:
    """`wanted`: canonical names of extras and groups that are to be taken; `own`: the project's own name."""

    path: Path
    wanted: Collection[str] = ()
    own: str = ""
    requires_python: str | None = None
    requirements: list[Requirement] = field(default_factory=list)
    groups: dict[str, list[Requirement]] = field(default_factory=dict)
    limits: list[Requirement] = field(default_factory=list)
    overrides: list[Requirement] = field(default_factory=list)
    exclude_newer: str | None = None
    prerelease: bool = False
    no_index: str = ""
    notes: list[str] = field(default_factory=list)
    indexes: IndexList = field(init=False)

    def __post_init__(self) -> None:
        self.indexes = IndexList(self.path.name)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def written(self, texts: Iterable[str], where: str) -> list[Requirement]:
        """Requirements as PEP 508 writes them; what is left out becomes a note. Raises InputError."""
        return self._kept(written(text, self.path.parent, f"{where}[{i}]") for i, text in enumerate(texts))

    def at_place(self, item: Requirement, place: Place, where: str) -> list[Requirement]:
        """None, or the one from there."""
        return self._kept([at_place(item, place, self.path.parent, where)])

    def _kept(self, items: Iterable[Requirement | str]) -> list[Requirement]:
        found = list[Requirement]()
        for item in items:
            if isinstance(item, str):
                self.note(item)
            else:
                found.append(item)
        return found

    def group(self, name: str, items: Iterable[Requirement]) -> None:
        """An extra and a group of one name are taken together."""
        self.groups.setdefault(canonicalize_name(name), []).extend(items)

    def every(self) -> Iterable[list[Requirement]]:
        return (self.requirements, *self.groups.values())

    def found(self, dialect: str) -> Found:
        indexes, taken = self.indexes.of_found()
        if self.prerelease:
            self.note(f"{self.path.name} allows pre-releases.")
        if self.limits:
            self.note(f"The constraints in {self.path.name} applied to this change; the notebook does not record them.")
        return Found(
            dialect,
            self.path.name,
            requires_python=self.requires_python or None,
            requirements=tuple(dict.fromkeys(self.requirements)),
            limits=tuple(self.limits),
            overrides=tuple(self.overrides),
            groups={name: tuple(dict.fromkeys(items)) for name, items in self.groups.items()},
            indexes=indexes,
            taken_from=taken,
            no_index=self.no_index,
            exclude_newer=self.exclude_newer,
            prerelease=self.prerelease,
            notes=tuple(dict.fromkeys(self.notes)),
        )

    def refuse(self, where: str, why: str, hint: str) -> NoReturn:
        raise InputError("foreign-file", f"{where}: {why}", hint=hint)
