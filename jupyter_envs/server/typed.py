"""What somebody typed into the panel's field: what stands behind `pip install`, in a cell or a terminal, or all of that
line; and lists as people write them outside of a shell, `pandas >= 2, numpy`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ..dialects.pip_arguments import parse
from ..dialects.requirements_txt import file_of
from ..dialects.sources import is_address, is_path, path_in
from ..errors import InputError, UsageError
from ..kernel.pip_options import ACCEPTED, Refused, Table, Word, checked, read
from ..kernel.pip_table import rows_of
from ..kernel.typed_paths import PATHS, brings_files
from ..kernel.uv_table import UV_ADD, UV_VERBS, general
from ..model.requirement import split_address

T = TypeVar("T")
START = r"\s*(?:!{1,2}|%)?\s*(?:\S*python[\d.]*\s+-m\s+)?"
GENERAL = r"((?:\s+-\S+(?:\s+[^\s-]\S*)??)*)\s+"
"""Options of pip's and uv's that stand before the verb, perhaps with values."""
COMMAND = re.compile(
    rf"{START}(?:pip[\d.]*{GENERAL}install|(?P<uv>uv){GENERAL}(?:pip{GENERAL}install|add)|env-install)(?!\S)"
)
OTHER = re.compile(
    rf"{START}(?P<program>pip[\d.]*|uv|conda|mamba|micromamba|(?P<verb>install|uninstall))\s+(?![<>=!~@,;\[#])\S"
)
"""A command that is no COMMAND: a list may begin with the package pip, but then says so, `pip, six`."""
WORD = re.compile(r"""(?:"[^"]*"|'[^']*'|[^\s"'])+""")
QUOTED = re.compile(r""""([^"]*)"|'([^']*)'""")
OPERATOR = re.compile(r"[<>=!~]=?|===|@|,")
OPEN = re.compile(r".*[<>=!~@]")
SIGNS = re.compile(r"[<>=!~@;\[]")
LISTS = ("--requirement", "--constraint", "--overrides")
LINKS = "--find-links"
"""Only compared with the places of the configuration."""
CELL = "Install it with %env-install in a cell."


@dataclass(frozen=True)
class Typed:
    """Our command line's: `options` are rows of the table, `words` never are options."""

    options: tuple[str, ...]
    words: tuple[str, ...]


def understand(text: str, folder: Path | None, shown: Callable[[Path], bool]) -> Typed:
    """`folder`: the notebook's, where paths start; `shown`: whether the server shows this path to its users. Raises
    InputError and UsageError."""
    command, base = COMMAND.match(text), folder or Path("/")
    if command is None and OTHER.match(text):
        raise _for_a_cell(text)
    table = _uv() if command and command["uv"] else Table(rows_of("install"))
    before = _before_verb(command)
    if any(not word.form for word in read(before, table)):
        raise _for_a_cell(text)
    found = list(read([*before, *_words(text, command.end() if command else 0)], table))
    tool = "uv" if command and command["uv"] else "pip install"
    options = tuple(filter(None, (_option(word, table, tool) for word in found if word.form)))
    words = tuple(_joined(str(word.value) for word in found if not word.form))
    if not words and not brings_files(options):
        raise UsageError("req-empty", "No package to install was named.", hint="For example: pandas>=2 numpy")
    if unclear := next((word for word in words if word.startswith("-")), ""):
        raise UsageError("usage", f"Unexpected argument: {unclear!r}.")
    for said in (*words, *options):
        for path in _paths(said, base):
            _check_shown(said, path, folder, shown)
    return Typed(options, words)


def _for_a_cell(text: str) -> UsageError:
    line = " ".join(text.split())[:200]
    found = OTHER.match(line)
    before = (
        "" if line[0] in "!%" else "%pip " if found and found["verb"] else "!" if "python" in line.split()[0] else "%"
    )
    return UsageError(
        "usage", "This field installs packages, and does nothing else.", hint=f"In a cell: {before}{line}"
    )


def _uv() -> Table:
    rows = (*UV_ADD.rows, *UV_VERBS["install"].rows, *general())
    return Table(rows, abbreviated=False)


def _before_verb(command: re.Match[str] | None) -> list[str]:
    return [word for part in (1, 3, 4) for word in (command[part] or "").split()] if command else []


def _words(text: str, start: int) -> list[str]:
    """As a shell's, without what a comment says. With a condition that has no quotes around it, all that stands before
    and behind the semicolon is one word."""
    found: list[str] = []
    text = text[: next((match.start() for match in WORD.finditer(text, start) if match[0].startswith("#")), None)]
    for match in WORD.finditer(text, start):
        if not match[0].startswith("-") and ";" in QUOTED.sub("", text[match.start() :]):
            found.append(text[match.start() :].strip())
            break
        found.append(QUOTED.sub(lambda quoted: quoted[1] or quoted[2] or "", match[0]))
    return found


def _joined(words: Iterator[str]) -> Iterator[str]:
    """`pandas >= 2, <3 numpy, six` -> `pandas>=2,<3`, `numpy`, `six`"""
    joined: list[str] = []
    for word in words:
        if joined and (OPERATOR.match(word) or OPEN.fullmatch(joined[-1])):
            space = " " if word == "@" or joined[-1].endswith("@") else ""
            joined[-1] += space + word
        else:
            joined.append(word)
    for word in joined:
        yield from filter(
            None, (part.strip().rstrip(",") for part in ([word] if SIGNS.search(word) else word.split(",")))
        )


def _option(word: Word, table: Table, tool: str) -> str:
    """As our command line has it; "" for one that changes nothing here. Raises UsageError."""
    try:
        row = checked(word, table, tool)
    except Refused as refused:
        raise UsageError(refused.code, refused.sentence, hint=refused.hint) from None
    if row.does in ("help", "--dry-run"):
        form = word.form
        raise UsageError(
            "pip-option", f"The panel has nothing to show for {form}.", hint=f"In a cell: %env-install {form}"
        )
    if row.kind == ACCEPTED or row.does in ("quiet", "verbose"):
        return ""
    return row.does + str(word.value) if row.does.endswith("=") else row.does


def _paths(said: str, base: Path) -> Iterator[Path]:
    """What a word or an option names on this machine, each path before anything there is read. Raises InputError."""
    option, _, value = said.partition("=") if said.startswith("-") else ("", "", said)
    if option in LISTS:
        yield _understood(value, lambda: file_of(value, base))
    elif option in ("", "--editable", "--override"):
        editable = option == "--editable"
        if place := _place(value, editable=editable):
            yield Path(place)
        found = parse([], editable=[value], base=base) if editable else parse([value], base=base)
        yield from (item.source.path for item in found if item.source and item.source.path)
    elif option in PATHS and option != LINKS:
        yield base / value


def _place(word: str, *, editable: bool) -> str:
    """The path that a word names, perhaps with extras or a condition at its end; "" for none."""
    found = split_address(word) if "@" in word else None
    address = found[1] if found and found[1] else word
    if address.startswith("file:"):
        return _understood(address, lambda: path_in(address.partition("#")[0]))
    return address if is_path(address) or (editable and not is_address(address)) else ""


def _understood(word: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except ValueError:
        raise InputError("req-syntax", f"{word[:200]!r} is not an address.") from None


def _check_shown(word: str, path: Path, folder: Path | None, shown: Callable[[Path], bool]) -> None:
    if folder is None:
        raise InputError("req-option-or-path", f"{word!r} is a path, and this notebook is in no folder.", hint=CELL)
    try:
        there = shown(folder / path.expanduser())
    except (OSError, RuntimeError, ValueError):  # ~nobody, a loop of links, no name of a file
        there = False
    if not there:
        raise InputError("req-option-or-path", f"{word!r} is not in a folder that this server shows.", hint=CELL)
