"""What a notebook's own lines install: `!pip`, `%pip`, `!uv pip`, `!conda install`, of all cells, before any of them
runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import InputError
from ..kernel import pip_words
from ..kernel.amounts import named
from ..kernel.conda_words import CODE as NEEDS_CONDA
from ..kernel.pip_options import Refused
from ..kernel.typed_paths import is_path
from ..model.merging import merge_requirements
from ..model.requirement import Requirement
from ..model.spec import CondaSpec
from ..text import without_secrets
from .cells import LONGEST, Content, Line, shell_lines
from .conda_line import conda_spec
from .found import Found, FoundIndex, Pin
from .pip_arguments import parse
from .pip_variables import as_options, set_by_config, set_by_magic
from .project import without_user
from .requirements_txt import Listed
from .requirements_txt import read as read_list
from .shell_commands import Command, commands_of

NAME = "lines in cells"
PROGRAM = re.compile(r"pip3?(?:\.\d+)?|uv|conda|mamba|micromamba")
TOOLS = re.compile(r"pip|uv|conda|mamba|apt|yum|dnf|apk|brew|index", re.IGNORECASE)
SYSTEM = re.compile(r"(apt|apt-get|aptitude|yum|dnf|apk|brew)\s+(?:-\S+\s+)*(?:install|add)\s+(.*)")
INSTALLS = re.compile(r"\b(?:pip3?|uv|conda|mamba|micromamba)\b.*\b(?:install|add)\b", re.DOTALL)
PRINTS = {"echo", "printf", "grep", "cat", "sed", "awk", "which", "man"}
OF_KAGGLE = re.compile(r"(?:file://)?(?:/kaggle|\.\.)/input(?:/|\Z)")
TOKEN = re.compile(r"/t/[^/\s]+")
MOST = 500
"""Lines of a notebook that are read."""
USERS = ("--user", "--break-system-packages")
"""In a notebook's environment, both are what happens anyway."""


@dataclass
class _Lines:
    """`base`: the folder of the notebook, if any; `variables`: those that cells set for the lines below."""

    base: Path | None
    items: tuple[Requirement, ...] = ()
    limits: tuple[Requirement, ...] = ()
    indexes: list[FoundIndex] = field(default_factory=list)
    taken_from: dict[str, str] = field(default_factory=dict)
    conda: list[CondaSpec] = field(default_factory=list)
    pins: list[Pin] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    prerelease: bool = False
    no_index: str = ""
    notes: list[str] = field(default_factory=list)

    def take(self, line: Line) -> None:
        variables = dict(set_by_magic(line.text)) if line.sign == "%" else {}
        self.variables.update(variables)
        for command in () if variables else commands_of(line.text):
            if not command.words:  # `export NAME=VALUE` lasts as long as its shell
                variables.update(command.variables)
                self.variables.update({} if line.sign else command.variables)
                continue
            self._take_command(command, {**self.variables, **variables, **command.variables}, line.where)

    def _take_command(self, command: Command, variables: Mapping[str, str], where: str) -> None:
        program, words = command.words[0], command.words[1:]
        text = " ".join(command.words)
        if system := SYSTEM.fullmatch(text):
            self._note(where, f"{system[1]} installs {system[2]} on the machine, which no notebook can record.")
        elif PROGRAM.fullmatch(program):
            self.variables.update(set_by_config(words) if program.startswith("pip") else {})
            self._take_words("pip" if program.startswith("pip") else program, words, variables, where, text)
        elif INSTALLS.search(text) and program not in PRINTS:
            self._leave(where, text, "only pip, uv and conda themselves are read, not what starts them.")

    def _take_words(self, program: str, words: list[str], variables: Mapping[str, str], where: str, text: str) -> None:
        words = [word for word in words if word not in USERS]
        try:
            order = pip_words.parse(program, words)
            if order.verb in ("install", "upgrade"):
                typed = tuple(order.options)
                self._install((*typed, *as_options(program, variables, typed)), order.names, where)
            elif order.verb == "remove":
                self._remove(order.asked, where)
        except Refused as refused:
            self._take_refused(refused, words, where, text)
        except InputError as error:
            self._leave(where, text, error.sentence)

    def _take_refused(self, refused: Refused, words: list[str], where: str, text: str) -> None:
        try:
            if refused.code == NEEDS_CONDA and (spec := conda_spec(words, where)):
                self.conda.append(spec)
            elif "install" in words or "add" in words:
                self._leave(where, text, refused.sentence)
        except InputError as error:
            self._leave(where, TOKEN.sub("/t/****", text), error.sentence)

    def _note(self, where: str, text: str) -> None:
        self.notes.append(f"{where}: {without_secrets(text)}")

    def _leave(self, where: str, text: str, why: str) -> None:
        self._note(where, f"this line is left out: `{without_secrets(text)[:100]}`: {why}")

    def _install(self, options: Iterable[str], names: Iterable[str], where: str) -> None:
        own = [name for name in names if not self._is_place(name, where)]
        items = parse(own, base=self.base)
        self._add(items)
        for option in options:
            name, _, value = option.partition("=")
            if name in ("--index-url", "--extra-index-url"):
                self._index(value, items, name == "--index-url", where)
            elif name in ("--requirement", "--constraint"):
                self._file(value, name == "--constraint", where)
            elif name == "--editable":
                self._is_place(value, where)
            elif name == "--pre":
                self.prerelease = True
                self._note(where, "allows pre-releases.")
            elif name not in ("-U", "--upgrade", "--skip-missing", "--prefer-binary", "--no-index", "--find-links"):
                self._note(where, f"{without_secrets(option)[:100]} is left out: a notebook cannot say it.")
        self._places(tuple(options), items, where)

    def _places(self, options: Iterable[str], items: Iterable[Requirement], where: str) -> None:
        """Folders of Kaggle's machines have what an index has as well; who forbids an index otherwise means it."""
        links = [value for name, _, value in (option.partition("=") for option in options) if name == "--find-links"]
        taken = named([item.name for item in items], 5) or "what it lists"
        for link in links:
            why = (
                f"{taken} comes from the index instead"
                if OF_KAGGLE.match(link)
                else "a notebook names no places of files"
            )
            self._note(where, f"--find-links={without_secrets(link)[:200]} is left out: {why}.")
        if "--no-index" in options and not any(map(OF_KAGGLE.match, links)):
            self.no_index = self.no_index or where

    def _index(self, url: str, items: Iterable[Requirement], only: bool, where: str) -> None:
        """Another `only` index gives the packages of its line, and no others."""
        name = where if only else f"{where}, {len(self.indexes)}"
        index = FoundIndex(name, without_user(url), default=not only, where=where)
        self.indexes.append(index)
        if only:
            self.taken_from.update({item.name: where for item in items})

    def _add(self, items: Iterable[Requirement]) -> None:
        merged = merge_requirements(self.items, items)
        self.items = merged.requirements
        self.notes += merged.notes

    def _remove(self, names: Iterable[str], where: str) -> None:
        gone = set(names)
        here = sorted(gone & {item.name for item in self.items})
        self.items = tuple(item for item in self.items if item.name not in gone)
        if here:
            self._note(where, f"removes {named(here, 5)} again.")

    def _is_place(self, word: str, where: str) -> bool:
        if is_path(word) or word.startswith("file:"):
            self._note(
                where, f"{word[:200]} is left out: it is a path. If you have it: jupyter envs install NOTEBOOK PATH"
            )
            return True
        return False

    def _file(self, word: str, limits: bool, where: str) -> None:
        folder = self.base.resolve() if self.base else None
        path = (folder / word).resolve() if folder and "\0" not in word else None
        if folder is None or path is None or not path.is_relative_to(folder) or not path.is_file():
            why = "there is no such file beside the notebook" if folder else "only the notebook itself is known here"
            self._note(where, f"the file {word[:200]} is left out: {why}.")
            return
        listed = read_list((), folder, [path]) if limits else read_list([path], folder)
        self._add(listed.requirements)
        self.limits = (*self.limits, *listed.limits)
        self.pins += _hashed(listed)
        self.prerelease = self.prerelease or listed.prerelease
        self.notes += listed.notes
        for place in listed.places:
            if place.option in ("--find-links", "--no-index"):
                self._places([f"{place.option}={place.value}".rstrip("=")], listed.requirements, place.where)
            else:
                self._index(place.value, listed.requirements, place.option != "--extra-index-url", place.where)

    def found(self, where: str) -> Found:
        conda = CondaSpec(
            tuple(dict.fromkeys(name for spec in self.conda for name in spec.channels)),
            tuple(dict.fromkeys(text for spec in self.conda for text in spec.dependencies)),
        )
        names = {item.name for item in self.items}
        return Found(
            NAME,
            where,
            requirements=self.items,
            pins=tuple(pin for pin in self.pins if pin.name in {*names, *(item.name for item in self.limits)}),
            limits=self.limits,
            indexes=tuple(self.indexes),
            taken_from={name: index for name, index in self.taken_from.items() if name in names},
            conda=conda if conda.dependencies else None,
            prerelease=self.prerelease,
            no_index=self.no_index,
            notes=tuple(dict.fromkeys(self.notes)),
        )


def read_in(content: Content, base: Path | None = None) -> Found | None:
    """None where no cell installs anything."""
    reading = _Lines(base)
    lines = [line for line in shell_lines(content) if TOOLS.search(line.text)]
    for line in lines[:MOST]:
        if len(line.text) > LONGEST:
            reading.notes.append(f"{line.where}: this line is left out: it is longer than {LONGEST} characters.")
        else:
            reading.take(line)
    reading.notes += [f"Only the first {MOST} lines that install something were read."] if len(lines) > MOST else []
    found = reading.found("its cells")
    return found if found.requirements or found.conda or found.notes or found.no_index else None


def with_lines(found: Found, content: Content, base: Path | None) -> Found:
    """What a notebook says elsewhere, and its lines besides."""
    lines = read_in(content, base)
    if lines is None:
        return found
    merged = merge_requirements(found.requirements, lines.requirements)
    return replace(
        lines,
        dialect=found.dialect,
        where=found.where,
        requires_python=found.requires_python,
        requirements=merged.requirements,
        pins=(*found.pins, *lines.pins),
        notes=(*found.notes, *merged.notes, *lines.notes),
    )


def _hashed(listed: Listed) -> list[Pin]:
    """The files that a list allows, each with its exact version."""
    return [
        Pin(item.name, limit.version, item.marker, listed.hashes[item.name], asked=False)
        for item in (*listed.requirements, *listed.limits)
        if item.name in listed.hashes
        for limit in [*item.specifier][:1]
    ]
