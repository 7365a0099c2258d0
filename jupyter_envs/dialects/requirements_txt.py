"""requirements.txt, as pip, pip-compile, `uv export`, `pip freeze` and our own `%env-export` write it.

An option that would change what is installed, and that a notebook cannot express, is refused with file and line. The
user's configuration decides which index gives a package, never a file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import InputError
from ..model.requirement import Requirement, split_address
from .conda_folders import built_by_conda, say_unknown_versions
from .file_options import (
    CHOICE,
    HARMLESS,
    NESTED,
    PLACES,
    choice_of,
    file_of,
    in_file,
    only_hashes,
    refuse_option,
    refuse_variables,
)
from .given_hashes import GIVES_HASHES, Limited, check_file, check_pinned, together, with_hash
from .pip_arguments import parse
from .pip_lines import LONGEST_LINE, lines_of, options_of, requirement_and_options, text_of
from .sources import checkouts

MAX_DEPTH = 8


@dataclass(frozen=True)
class PlaceOption:
    """`--index-url URL` and the like; `where` is file and line, `folder` where relative paths start."""

    where: str
    option: str
    value: str
    folder: Path


@dataclass(frozen=True)
class Listed:
    """What files ask for. `hashes` maps a name to the sha256 of the files that are allowed for it (files on this
    machine were checked already); `limits` apply to packages that something else asks for."""

    requirements: tuple[Requirement, ...] = ()
    """Editable folders last, as on a command line."""
    hashes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    limits: tuple[Requirement, ...] = ()
    prerelease: bool = False
    prefer_binary: bool = False
    """Whether wheels are taken without a question, even if only sources are newer."""
    places: tuple[PlaceOption, ...] = ()
    notes: tuple[str, ...] = ()


def read(files: Iterable[Path], base: Path, constraints: Iterable[Path] = (), *, strict: bool = False) -> Listed:
    """Files, and those that they include; `base` is where relative paths in them start. `constraints`: files that only
    limit versions; `strict`: each requirement must have a hash. Raises InputError that says file and line."""
    reading = _Reading(base, strict=strict)
    for file in files:
        reading.read(file, (), limits=False)
    for file in constraints:
        reading.limit(file, ())
    return reading.listed()


def read_lines(lines: Iterable[tuple[int, str]], file: Path) -> Listed:
    """Lines of that kind in a file of another one, with their numbers. Raises InputError that says file and line."""
    reading = _Reading(file.parent)
    for number, line in lines:
        for _, text in lines_of(line):
            reading.take(text, f"{file}:{number}", (file,), limits=False)
    return reading.listed()


@dataclass
class _Reading:
    base: Path
    requirements: list[Requirement] = field(default_factory=list)
    hashes: dict[str, frozenset[str]] = field(default_factory=dict)
    limits: list[Requirement] = field(default_factory=list)
    limited: list[Limited] = field(default_factory=list)
    prerelease: bool = False
    prefer_binary: bool = False
    places: list[PlaceOption] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    done: set[tuple[str, bool]] = field(default_factory=set)
    strict: bool = False
    """Whether a file says --require-hashes: as in pip, it then applies to all files."""
    untold: list[str] = field(default_factory=list)
    """Names of packages of which only the folder of their build is known."""
    unhashed: list[str] = field(default_factory=list)
    """File and line of requirements without a hash."""

    @property
    def sourced(self) -> set[str]:
        """Names of what comes from an address or a folder."""
        return {item.name for item in self.requirements if item.source}

    def read(self, file: Path, above: tuple[Path, ...], *, limits: bool) -> None:
        """`above`: the files that include this one; `limits`: it only limits versions."""
        known = os.path.realpath(file)
        if len(above) > MAX_DEPTH or known in map(os.path.realpath, above):
            raise InputError("requirements-file", f"{file} includes itself, or includes other files too deeply.")
        if (known, limits) in self.done:
            return
        self.done.add((known, limits))
        for number, line in lines_of(text_of(file)):
            self.take(line, f"{file}:{number}", (*above, file), limits=limits)

    def take(self, line: str, where: str, files: tuple[Path, ...], *, limits: bool) -> None:
        """A line of the last of `files`, which the ones before it include."""
        if len(line) > LONGEST_LINE:
            raise InputError("requirements-file", f"{where}: this line is longer than {LONGEST_LINE} characters.")
        if line.startswith("-"):
            for option, value in in_file(where, partial(options_of, line)):
                self._take_option(option, value, where, files, limits)
        elif limits:
            self._take_limit(line, where)
        elif not self._take_requirement(line, where):
            self.unhashed.append(where)

    def listed(self) -> Listed:
        """Raises InputError."""
        self.check_unhashed()
        untold = [say_unknown_versions([*dict.fromkeys(self.untold)])] if self.untold else []
        return Listed(
            tuple(sorted(self.requirements, key=lambda item: item.editable)),
            together(self.hashes, self.limited, self.sourced),
            tuple(self.limits),
            self.prerelease,
            self.prefer_binary,
            tuple(self.places),
            tuple(dict.fromkeys([*self.notes, *untold])),
        )

    def check_unhashed(self) -> None:
        """Raises InputError if hashes are required."""
        if self.strict and self.unhashed:
            where = self.unhashed[0]
            raise InputError(
                "requirements-hash",
                f"{where}: this line has no hash, and --require-hashes requires one for each package.",
                hint=GIVES_HASHES,
            )  # fmt: skip

    def _take_option(self, option: str, value: str, where: str, above: tuple[Path, ...], limits: bool) -> None:
        file = above[-1]
        if option in PLACES:
            in_file(where, lambda: urlsplit(value))
            self.places.append(PlaceOption(where, option, value, file.parent))
        elif option in NESTED and value:
            self._include(value, where, above, limits=limits or NESTED[option])
        elif option == "--editable" and value and not limits:
            self._take_editable(value, where)
        elif CHOICE.knows(option):
            self._choose(choice_of(option, value, where), file)
        elif option == "--require-hashes":
            self.strict = True
        elif option not in HARMLESS:
            refuse_option(option, where)

    def _choose(self, meaning: str, file: Path) -> None:
        if meaning == "--pre":
            self.prerelease = True
            self.notes.append(f"{file.name} allows pre-releases.")
        elif meaning:
            self.prefer_binary = True

    def _include(self, value: str, where: str, above: tuple[Path, ...], *, limits: bool) -> None:
        refuse_variables(value, where)
        if "\0" in value:
            raise InputError("requirements-file", f"{where}: a file name cannot contain a null byte.")
        file = in_file(where, lambda: file_of(value, above[-1].parent))
        if limits:
            self.limit(file, above)
        else:
            self.read(file, above, limits=False)

    def limit(self, file: Path, above: tuple[Path, ...]) -> None:
        """Reads a file that only limits versions."""
        self.read(file, above, limits=True)
        self.notes.append(f"The constraints in {file.name} applied to this change; the notebook does not record them.")

    def _take_editable(self, value: str, where: str) -> None:
        refuse_variables(value, where)
        self.unhashed.append(where)
        item = in_file(where, lambda: parse([], editable=[value], base=self.base))[0]
        self.notes += checkouts([item])
        self.requirements.append(item)

    def _take_limit(self, line: str, where: str) -> None:
        text, options = in_file(where, lambda: requirement_and_options(line))
        given = only_hashes(options, where)
        item = self._parsed(text, where)
        if item.source or item.extras:
            raise InputError(
                "requirements-option", f"{where}: a constraints file can only limit versions.",
                hint="Write a name and a limit: `pandas<3`.",
            )  # fmt: skip
        if given:
            check_pinned(item, where)
            self.limited.append(Limited(where, item.name, given))
        self.limits.append(item)

    def _take_requirement(self, line: str, where: str) -> bool:
        """Whether it says by hash which files are allowed."""
        text, options = in_file(where, lambda: requirement_and_options(line))
        given = only_hashes(options, where)
        of_conda = None if given else in_file(where, lambda: built_by_conda(text))
        if of_conda and not of_conda.specifier:
            self.untold.append(of_conda.name)
        item = of_conda or self._parsed(text, where)
        vcs = item.source.vcs if item.source else None
        hashed = bool(given or (vcs and vcs.sha256))
        if item.source and item.source.path:
            hashed = check_file(text, item, given, where)
        elif given and vcs:
            item = with_hash(item, given, where)
        elif given:
            check_pinned(item, where)
            self.hashes[item.name] = self.hashes.get(item.name, frozenset()) | given
        self.requirements.append(item)
        return hashed

    def _parsed(self, text: str, where: str) -> Requirement:
        refuse_variables(text, where)
        try:
            return in_file(where, lambda: parse([text], base=self.base))[0]
        except InputError as error:
            item, address = (split_address(text) if error.code == "no-such-path" else None) or (None, "")
            if item is None or not address:
                raise
            made = re.search(r"/[^/]+?-(\d[^-/]*)(?:-[^/]*\.whl|\.tar\.gz)", address)
            raise InputError(
                error.code, error.sentence,
                hint=f"The list may be of another machine. Write a version in place of the path: "
                f"{item.name}=={made[1] if made else 'VERSION'}",
            ) from None  # fmt: skip
