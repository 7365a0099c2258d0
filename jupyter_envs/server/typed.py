"""What somebody typed into the panel's field: what stands behind `pip install`, in a cell or a terminal, or all of that
line; and lists as people write them outside of a shell, `pandas >= 2, numpy`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError, UsageError
from ..kernel.pip_options import ACCEPTED, Refused, Table, Word, checked, read
from ..kernel.typed_paths import brings_files
from .shown_paths import check_paths
from .typed_command import VERBS, begins_another, command_in

LONGEST = 4096
"""Characters."""
WORD = re.compile(r"""(?:"[^"]*"|'[^']*'|[^\s"'])+""")
QUOTED = re.compile(r""""([^"]*)"|'([^']*)'""")
OPERATOR = re.compile(r"[<>=!~]=?|===|@|,")
OPEN = re.compile(r".*[<>=!~@]")
SIGNS = re.compile(r"[<>=!~@;\[]")
APART = re.compile(r"\S[ \t]{2,}\S")
PACKAGE = re.compile(r"[A-Za-z0-9][\w.-]*(?:\[[\w,.-]*\])?(?:[<>=!~]=|[<>])|[<>=!~]=|-{1,2}[A-Za-z]|#(?!\d)")
"""In a comment: what comes from a list of which somebody pasted several lines as one."""


@dataclass(frozen=True)
class Typed:
    """Our command line's: `options` are rows of the table, `words` never are options."""

    options: tuple[str, ...]
    words: tuple[str, ...]


def understand(text: str, folder: Path | None, shown: Callable[[Path], bool]) -> Typed:
    """`folder`: the notebook's, where paths start; `shown`: whether the server shows this path to its users. Raises
    InputError and UsageError."""
    text = text.strip()
    if len(text) > LONGEST:
        hint = "Write the packages into a file, and name it: -r requirements.txt"
        raise InputError("req-long", f"What was typed is longer than {LONGEST} characters.", hint=hint)
    lines = [_Line.of(line) for line in text.splitlines()]
    if len(lines) == 1:
        _check_comment(lines[0].comment)
    plain = [_unquoted(match[0]) for line in lines for match in line.words]
    command = command_in(plain)
    if command is None:
        raise _for_a_cell(lines)
    if begins_another([match[0] for line in lines for match in line.words][command.end :]):
        hint = "Type the packages alone, or one command after the other. Other commands are for a cell."
        raise UsageError("usage", "This field takes packages, or one command that installs them.", hint=hint)
    tool = "uv" if command.uv else "pip install"
    found = list(read([*command.before, *_words(lines, command.end)], command.table))
    options = tuple(filter(None, (_option(word, command.table, tool) for word in found if word.form)))
    words = tuple(_joined(str(word.value) for word in found if not word.form))
    if not words and not brings_files(options):
        raise UsageError("req-empty", "No package to install was named.", hint="For example: pandas>=2 numpy")
    if unclear := next((word for word in words if word.startswith("-")), ""):
        raise UsageError("usage", f"Unexpected argument: {unclear[:200]!r}.")
    check_paths([*words, *options], folder, shown)
    return Typed(options, words)


@dataclass(frozen=True)
class _Line:
    text: str
    words: list[re.Match[str]]
    comment: str

    @classmethod
    def of(cls, line: str) -> _Line:
        words = list(WORD.finditer(line))
        number = next((i for i, match in enumerate(words) if match[0].startswith("#")), len(words))
        end = words[number].start() if number < len(words) else len(line)
        return cls(line[:end], words[:number], line[end:])

    def behind(self, number: int) -> list[str]:
        """As a shell's, from this word on. With a condition that has no quotes around it, all that stands before and
        behind the semicolon is one word."""
        last = QUOTED.sub(lambda quoted: " " * len(quoted[0]), self.text).rfind(";")
        found: list[str] = []
        for match in self.words[number:]:
            if not match[0].startswith("-") and match.start() <= last:
                return [*found, self.text[match.start() :].strip()]
            found.append(_unquoted(match[0]))
        return found


def _words(lines: list[_Line], start: int) -> list[str]:
    found: list[str] = []
    for line in lines:
        found += line.behind(start)
        start = max(start - len(line.words), 0)
    return found


def _unquoted(word: str) -> str:
    return QUOTED.sub(lambda quoted: quoted[1] or quoted[2] or "", word)


def _check_comment(comment: str) -> None:
    """Raises InputError where something may be lost: a field of a page has one line, and a comment has no end there."""
    said = comment.lstrip("# \t")
    words = said.split()
    if APART.search(said) or any(map(PACKAGE.match, words)) or begins_another(words):
        raise InputError(
            "req-syntax", "What stands behind `#` looks like packages, too, and a comment ends where the line ends.",
            hint="Leave the comment out.",
        )  # fmt: skip


def _for_a_cell(lines: list[_Line]) -> UsageError:
    line = " ".join(next(line.text for line in lines if line.words).split())[:200]
    first = line.split()[0]
    pythonic = "python" in first or first in ("py", "sudo")
    before = "" if line[0] in "!%" else "%pip " if first in VERBS else "!" if pythonic else "%"
    return UsageError(
        "usage", "This field installs packages, and does nothing else.", hint=f"In a cell: {before}{line}"
    )


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
