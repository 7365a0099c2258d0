"""requirements.txt, as pip, pip-compile, `uv export`, `pip freeze` and our own `%env-export` write it.

An option that would change what is installed, and that a notebook cannot express, is refused with file and line. The
user's configuration decides which index gives a package, never a file."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit

from ..errors import InputError
from ..model.requirement import Requirement
from .given_hashes import GIVES_HASHES, Limited, check_file, check_pinned, hashes_of, together, with_hash
from .pip_arguments import parse
from .pip_lines import lines_of, options_of, requirement_and_options, text_of

T = TypeVar("T")
MAX_DEPTH = 8
NESTED = {"--requirement": False, "--requirements": False, "--constraint": True, "--constraints": True}
"""Whether the included file only constrains versions."""
PLACES = ("--index-url", "--extra-index-url", "--find-links", "--no-index")
HARMLESS = ("--prefer-binary", "--only-binary", "--trusted-host", "--use-feature")
"""They change nothing here: wheels are used anyway, the user is asked about source, and no file makes an address
trusted."""
HINTS = {
    "--no-binary": "Remove it from the file. `--allow-build NAME` on the command line lets a package be built.",
    "--editable": "Remove it from the file: an editable folder has no version to constrain.",
}
NO_WAY = "Remove it from the file. Notebooks have no such option."
VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")


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
    reading.check_unhashed()
    return Listed(
        tuple(sorted(reading.requirements, key=lambda item: item.editable)),
        together(reading.hashes, reading.limited, reading.sourced),
        tuple(reading.limits),
        reading.prerelease,
        tuple(reading.places),
        tuple(dict.fromkeys(reading.notes)),
    )


@dataclass
class _Reading:
    base: Path
    requirements: list[Requirement] = field(default_factory=list)
    hashes: dict[str, frozenset[str]] = field(default_factory=dict)
    limits: list[Requirement] = field(default_factory=list)
    limited: list[Limited] = field(default_factory=list)
    prerelease: bool = False
    places: list[PlaceOption] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    done: set[tuple[str, bool]] = field(default_factory=set)
    strict: bool = False
    """Whether a file says --require-hashes: as in pip, it then applies to all files."""
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
            where = f"{file}:{number}"
            if line.startswith("-"):
                for option, value in _in_file(where, partial(options_of, line)):
                    self._take_option(option, value, where, (*above, file), limits)
            elif limits:
                self._take_limit(line, where)
            elif not self._take_requirement(line, where):
                self.unhashed.append(where)

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
            _in_file(where, lambda: urlsplit(value))
            self.places.append(PlaceOption(where, option, value, file.parent))
        elif option in NESTED and value:
            self._include(value, where, above, limits=limits or NESTED[option])
        elif option == "--editable" and value and not limits:
            self._take_editable(value, where)
        elif option == "--pre":
            self.prerelease = True
            self.notes.append(f"{file.name} allows pre-releases.")
        elif option == "--require-hashes":
            self.strict = True
        elif option not in HARMLESS:
            _refuse_option(option, where)

    def _include(self, value: str, where: str, above: tuple[Path, ...], *, limits: bool) -> None:
        _refuse_variables(value, where)
        if "://" in value:
            raise InputError(
                "requirements-file", f"{where}: {value} is an address, and requirements are read from files only.",
                hint="Download it, look at it, and name the file.",
            )  # fmt: skip
        if "\0" in value:
            raise InputError("requirements-file", f"{where}: a file name cannot contain a null byte.")
        file = above[-1].parent / value
        if limits:
            self.limit(file, above)
        else:
            self.read(file, above, limits=False)

    def limit(self, file: Path, above: tuple[Path, ...]) -> None:
        """Reads a file that only limits versions."""
        self.read(file, above, limits=True)
        self.notes.append(f"The constraints in {file.name} applied to this change; the notebook does not record them.")

    def _take_editable(self, value: str, where: str) -> None:
        _refuse_variables(value, where)
        self.unhashed.append(where)
        if re.match(r"\w+\+\w+://", value):  # as `pip freeze` writes a checkout
            item = _in_file(where, lambda: parse([value], base=self.base))[0]
            self.notes.append(f"{item.name} is installed from its repository, not as an editable checkout.")
        else:
            item = _in_file(where, lambda: parse([], editable=[value], base=self.base))[0]
        self.requirements.append(item)

    def _take_limit(self, line: str, where: str) -> None:
        text, options = _in_file(where, lambda: requirement_and_options(line))
        given = _only_hashes(options, where)
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
        text, options = _in_file(where, lambda: requirement_and_options(line))
        given = _only_hashes(options, where)
        item = self._parsed(text, where)
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
        _refuse_variables(text, where)
        return _in_file(where, lambda: parse([text], base=self.base))[0]


def _in_file(where: str, parse: Callable[[], T]) -> T:
    """The result of `parse`; its errors say file and line."""
    try:
        return parse()
    except InputError as error:
        raise InputError(
            error.code, f"{where}: {error.sentence}", hint=error.hint, details=error.details, data=error.data
        ) from None
    except ValueError as error:
        raise InputError("requirements-file", f"{where}: this line cannot be read: {error}.") from None


def _only_hashes(options: Iterable[tuple[str, str]], where: str) -> frozenset[str]:
    """The sha256 hashes after a requirement. Raises InputError for other options, too."""
    found = list(options)
    for option, _ in found:
        if option != "--hash":
            _refuse_option(option, where)
    return hashes_of([value for _, value in found], where)


def _refuse_option(option: str, where: str) -> NoReturn:
    raise InputError(
        "requirements-option", f"{where}: the option {option[:60]} is not accepted from a file.",
        hint=HINTS.get(option, NO_WAY),
    )  # fmt: skip


def _refuse_variables(text: str, where: str) -> None:
    found = VARIABLE.search(text)
    if found:
        raise InputError(
            "req-metachar", f"{where}: {found[0]} is a variable, and variables are not expanded.",
            hint="Write its value instead; a password belongs in ~/.netrc or your uv.toml.",
        )  # fmt: skip
