"""What somebody typed into the panel's field: what stands behind `pip install`, in a cell or a terminal, or all of that
line; and lists as people write them outside of a shell, `pandas >= 2, numpy`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..dialects.pip_arguments import parse
from ..dialects.sources import is_path, path_in
from ..errors import InputError, UsageError
from ..kernel.pip_options import ACCEPTED, Refused, Table, Word, checked, read
from ..kernel.pip_table import rows_of
from ..kernel.uv_table import UV_ADD, UV_VERBS, general
from ..model.requirement import split_address

GENERAL = r"((?:\s+-\S+)*)\s+"
"""Options of pip's and uv's that stand before the verb."""
COMMAND = re.compile(
    r"\s*(?:!{1,2}|%)?\s*(?:\S*python[\d.]*\s+-m\s+)?"
    rf"(?:pip[\d.]*{GENERAL}install|(?P<uv>uv){GENERAL}(?:pip\s+install|add)|env-install)(?!\S)"
)
WORD = re.compile(r"""(?:"[^"]*"|'[^']*'|[^\s"'])+""")
QUOTED = re.compile(r""""([^"]*)"|'([^']*)'""")
OPERATOR = re.compile(r"[<>=!~]=?|===|@|,")
OPEN = re.compile(r".*[<>=!~@]")
SIGNS = re.compile(r"[<>=!~@;\[]")
FILES = ("--requirement=", "--constraint=", "--editable=", "--cert=", "--client-cert=")
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
    table = _uv() if command and command["uv"] else Table(rows_of("install"))
    found = list(read(_words(text, command), table))
    tool = "uv" if command and command["uv"] else "pip install"
    options = tuple(filter(None, (_option(word, table, tool) for word in found if word.form)))
    words = tuple(_joined(str(word.value) for word in found if not word.form))
    if not words and not any(option.startswith(FILES) or option.startswith("--override=") for option in options):
        raise UsageError("req-empty", "No package to install was named.", hint="For example: pandas>=2 numpy")
    for word in words:
        if word.startswith("-"):
            raise UsageError("usage", f"Unexpected argument: {word!r}.")
        if place := _place(word):
            _check_shown(word, place, folder, shown)  # before anything there is read
        for item in parse([word], base=base):
            if item.source and item.source.path:
                _check_shown(word, str(item.source.path), folder, shown)
    for option in options:
        if option.startswith(FILES):
            name = option.partition("=")[2]
            _check_shown(name, name, folder, shown)
    return Typed(options, words)


def _uv() -> Table:
    rows = (*UV_ADD.rows, *UV_VERBS["install"].rows, *general())
    return Table(rows, abbreviated=False)


def _words(text: str, command: re.Match[str] | None) -> list[str]:
    """As a shell's, without what a comment says. With a condition that has no quotes around it, all that stands before
    and behind the semicolon is one word."""
    found = (command[1] or command[3] or "").split() if command else []
    for match in WORD.finditer(text, command.end() if command else 0):
        if match[0].startswith("#"):
            break
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


def _place(word: str) -> str:
    """The path that a word names, perhaps with extras or a condition at its end; "" for none."""
    found = split_address(word) if "@" in word else None
    address = found[1] if found and found[1] else word
    if not address.startswith("file:"):
        return address if is_path(address) else ""
    try:
        return path_in(address.partition("#")[0])
    except ValueError:
        raise InputError("req-syntax", f"{address[:200]!r} is not an address.") from None


def _check_shown(word: str, path: str, folder: Path | None, shown: Callable[[Path], bool]) -> None:
    if folder is None:
        raise InputError("req-option-or-path", f"{word!r} is a path, and this notebook is in no folder.", hint=CELL)
    try:
        there = shown(folder / Path(path).expanduser())
    except (OSError, RuntimeError, ValueError):  # ~nobody, a loop of links, no name of a file
        there = False
    if not there:
        raise InputError("req-option-or-path", f"{word!r} is not in a folder that this server shows.", hint=CELL)
