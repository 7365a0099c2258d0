"""What a notebook's own lines install: `!pip`, `%pip`, `!uv pip`, `!conda install`, of all cells, before any of them
runs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import InputError
from ..kernel import pip_words
from ..kernel.amounts import named
from ..kernel.conda_words import CODE as NEEDS_CONDA
from ..kernel.conda_words import FLAGS
from ..kernel.pip_options import Refused
from ..kernel.scanning import scanned
from ..kernel.shell_lines import PYTHON, QUOTED, quote_limits
from ..kernel.typed_paths import is_path
from ..model.merging import merge_requirements
from ..model.requirement import Requirement
from ..model.spec import CondaSpec
from .cells import LONGEST, Content, Line, shell_lines
from .found import Found, FoundIndex
from .pip_arguments import parse
from .requirements_file import read as read_file

NAME = "lines in cells"
COMMAND = re.compile(
    rf"(?:sudo\s+(?:-\w+\s+)*)?(?:{PYTHON}(?=pip\b|uv\b))?(pip3?(?:\.\d+)?|uv|conda|mamba|micromamba)\s+"
)
TOOLS = ("pip", "uv", "conda", "mamba", "apt")
SYSTEM = re.compile(
    r"(?:sudo\s+(?:-\w+\s+)*)?(apt|apt-get|aptitude|yum|dnf|apk|brew)\s+(?:-\S+\s+)*(?:install|add)\s+(.*)"
)
REDIRECTED = re.compile(r"\s(?:\d|&)?>{1,2}\s*(?:&\d|[^\s&|;]+)")
COMMENT = re.compile(r"\s#")
ENDS = {";", "&", "&&", "|", "||", "|&"}
MOST = 500
"""Lines of a notebook that are read."""
USERS = ("--user", "--break-system-packages")
"""In a notebook's environment, both are what happens anyway."""


@dataclass
class _Lines:
    """What was read so far. `base`: the notebook's folder, where there is one."""

    base: Path | None
    items: tuple[Requirement, ...] = ()
    limits: tuple[Requirement, ...] = ()
    indexes: list[FoundIndex] = field(default_factory=list)
    taken_from: dict[str, str] = field(default_factory=dict)
    conda: list[CondaSpec] = field(default_factory=list)
    prerelease: bool = False
    no_index: str = ""
    notes: list[str] = field(default_factory=list)

    def take(self, line: Line) -> None:
        for words in commands_of(line.text):
            text = " ".join(words)
            if system := SYSTEM.fullmatch(text):
                self.notes.append(
                    f"{line.where}: {system[1]} installs {system[2]} on the machine, which no notebook can record."
                )
            elif found := COMMAND.match(f"{text} "):
                program = "pip" if found[1].startswith("pip") else found[1]
                self._take_command(program, _behind(words, found[1]), line.where, text)

    def _take_command(self, program: str, words: list[str], where: str, text: str) -> None:
        words = [word for word in words if word not in USERS]
        try:
            order = pip_words.parse(program, words)
            if order.verb in ("install", "upgrade"):
                self._install(order.options, order.names, where)
            elif order.verb == "remove":
                self._remove(order.asked, where)
        except Refused as refused:
            if refused.code == NEEDS_CONDA and (spec := _conda_spec(words)):
                self.conda.append(spec)
            elif "install" in words or "add" in words:
                self.notes.append(f"{where}: `{text[:100]}` is left out: {refused.sentence}")
        except InputError as error:
            self.notes.append(f"{where}: `{text[:100]}` is left out: {error.sentence}")

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
                self.notes.append(f"{where}: allows pre-releases.")
            elif name not in ("-U", "--upgrade", "--skip-missing", "--prefer-binary"):
                self.notes.append(f"{where}: {option[:100]} is left out: a notebook cannot say it.")

    def _index(self, url: str, items: Iterable[Requirement], only: bool, where: str) -> None:
        """Another `only` index gives the packages of its line, and no others."""
        index = FoundIndex(where, url, default=not only, where=where)
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
            self.notes.append(f"{where}: removes {named(here, 5)} again.")

    def _is_place(self, word: str, where: str) -> bool:
        if is_path(word) or word.startswith("file:"):
            self.notes.append(
                f"{where}: {word[:200]} is left out: it is a path. If you have it: jupyter envs install NOTEBOOK PATH"
            )
            return True
        return False

    def _file(self, word: str, limits: bool, where: str) -> None:
        folder = self.base.resolve() if self.base else None
        path = (folder / word).resolve() if folder and "\0" not in word else None
        if folder is None or path is None or not path.is_relative_to(folder) or not path.is_file():
            why = "there is no such file beside the notebook" if folder else "only the notebook itself is known here"
            self.notes.append(f"{where}: the file {word[:200]} is left out: {why}.")
            return
        found = read_file(path)
        if limits:
            self.limits = (*self.limits, *found.requirements, *found.limits)
            return
        self._add((*found.requirements, *(pin.in_any_version for pin in found.pins)))
        self.limits = (*self.limits, *found.limits)
        self.indexes += found.indexes
        self.no_index = self.no_index or found.no_index
        self.notes += found.notes

    def found(self, where: str) -> Found:
        conda = CondaSpec(
            tuple(dict.fromkeys(name for spec in self.conda for name in spec.channels)),
            tuple(dict.fromkeys(text for spec in self.conda for text in spec.dependencies)),
        )
        return Found(
            NAME,
            where,
            requirements=self.items,
            limits=self.limits,
            indexes=tuple(self.indexes),
            taken_from={name: index for name, index in self.taken_from.items() if name in {i.name for i in self.items}},
            conda=conda if conda.dependencies else None,
            prerelease=self.prerelease,
            no_index=self.no_index,
            notes=tuple(dict.fromkeys(self.notes)),
        )


def read_in(content: Content, base: Path | None = None) -> Found | None:
    """None where no cell installs anything."""
    reading = _Lines(base)
    lines = [line for line in shell_lines(content) if any(tool in line.text for tool in TOOLS)]
    for line in lines[:MOST]:
        if len(line.text) > LONGEST:
            reading.notes.append(f"{line.where}: this line is left out: it is longer than {LONGEST} characters.")
        else:
            reading.take(line)
    if len(lines) > MOST:
        reading.notes.append(f"Only the first {MOST} lines that install something were read.")
    found = reading.found("its cells")
    return found if found.requirements or found.conda or found.notes else None


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
        pins=found.pins,
        notes=(*found.notes, *merged.notes, *lines.notes),
    )


def commands_of(text: str) -> Iterator[list[str]]:
    """The words of each command of a shell's line, without redirections. A comment ends the line."""
    pieces = re.split(f"({QUOTED})", quote_limits(f" {text}"))
    pieces[::2] = [REDIRECTED.sub(" ", piece) for piece in pieces[::2]]
    plain = "".join(piece for piece in pieces if not COMMENT.match(piece))
    lexer = shlex.shlex(plain, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split, lexer.commenters = True, ""
    words: list[str] = []
    try:
        for word in lexer:
            if word in ENDS:
                yield words
                words = []
            else:
                words.append(word)
    except ValueError:  # a quotation mark that nobody has closed
        words = text.split()
    yield words


def _behind(words: list[str], program: str) -> list[str]:
    """What stands behind the program; before it, there may be `sudo` and `python -m`."""
    return words[words.index(program) + 1 :] if program in words else []


def _conda_spec(words: list[str]) -> CondaSpec | None:
    """What only conda has, for the notebook's conda part. None for another environment, or another verb."""
    found = list(scanned("conda", words, ("-n", "--name", "-p", "--prefix")))
    names = [str(word.value) for word in found if not word.form]
    channels = [word.value for word in found if word.form in ("-c", "--channel") and word.value]
    strange = [word for word in found if word.form and word.form not in (*FLAGS, "-c", "--channel", "--solver")]
    if strange or names[:1] not in (["install"], ["update"], ["upgrade"]):
        return None
    return CondaSpec(tuple(dict.fromkeys(channels)), tuple(dict.fromkeys(names[1:])))
