"""Whether a line is a command of pip's or uv's that installs something, or another command: by its words, each of which
is looked at a few times, however long the line is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from ..kernel.pip_options import Table, read
from ..kernel.pip_table import rows_of
from ..kernel.uv_table import UV_ADD, UV_VERBS, general

MAGIC = re.compile(r"(?:!!?|%)(?=[A-Za-z{]|$)")
PYTHON = re.compile(r"(?:[^\s-]\S*[/\\])?python[\d.]*(?:\.exe)?|py|\{sys\.executable\}")
SWITCHES = re.compile(r"-[BEIPSsu]+")
PIP = re.compile(r"pip[\d.]*")
OURS = "env-install"
OTHERS = ("conda", "mamba", "micromamba")
VERBS = ("install", "uninstall")
ADDING = ("uv", "poetry", "pdm", "pixi", "rye")
OPERATORS = tuple("<>=!~@,;[")
"""A list may begin with the package pip, but then says so: `pip >= 24 six`."""


@dataclass(frozen=True)
class Command:
    """`before`: options in front of the verb; `end`: how many words there are up to the verb."""

    uv: bool
    before: tuple[str, ...]
    end: int

    @property
    def table(self) -> Table:
        return _uv() if self.uv else _pip()


LIST = Command(uv=False, before=(), end=0)
"""No command: what stands behind `pip install`."""


def command_in(words: Sequence[str]) -> Command | None:
    """The command or the LIST that the words begin with; None for another command."""
    rest, certain = _without_prefix(words)
    program, following = rest[0] if rest else "", rest[1] if len(rest) > 1 else ""
    if program == OURS:
        return Command(uv=False, before=(), end=len(words) - len(rest) + 1)
    if found := _installing(rest):
        before, left = found
        return Command(program == "uv", before, len(words) - left)
    known = PIP.fullmatch(program) or program in ("uv", *OTHERS, *VERBS) or PYTHON.fullmatch(program)
    named = program == "py" or following.startswith(OPERATORS)
    return None if certain or (known and following and not named) else LIST


def begins_another(words: Sequence[str]) -> bool:
    """Whether a command begins among the words: several lines that were pasted as one, or a command of others."""
    return any(
        word in (OURS, *VERBS) or MAGIC.match(word) or (word in ADDING and following == "add")
        for word, following in zip(words, [*words[1:], ""], strict=False)
    )


def _without_prefix(words: Sequence[str]) -> tuple[list[str], bool]:
    """Without `!`, `%`, sudo and `python -m`; and whether there was one of them."""
    rest = list(words)
    if rest and MAGIC.match(rest[0]):
        rest[:1] = filter(None, [MAGIC.sub("", rest[0])])
    if rest[:1] == ["sudo"]:
        rest = rest[1:]
        while rest and rest[0].startswith("-"):
            del rest[0]
    if rest and PYTHON.fullmatch(rest[0]):
        switches = 1
        while switches < len(rest) and SWITCHES.fullmatch(rest[switches]):
            switches += 1
        if rest[switches : switches + 1] == ["-m"]:
            rest = rest[switches + 1 :]
    return rest, rest != list(words)


def _installing(rest: Sequence[str]) -> tuple[tuple[str, ...], int] | None:
    """The options before the verb of a command that installs, and how many words stand behind it."""
    program = rest[0] if rest else ""
    if PIP.fullmatch(program):
        before, names = _split(rest[1:], _pip())
        return (before, len(names) - 1) if names[:1] == ["install"] else None
    if program != "uv":
        return None
    before, names = _split(rest[1:], _uv())
    if names[:1] == ["pip"]:
        more, names = _split(names[1:], _uv())
        before = (*before, *more)
        return (before, len(names) - 1) if names[:1] == ["install"] else None
    return (before, len(names) - 1) if names[:1] == ["add"] else None


def _split(words: Sequence[str], table: Table) -> tuple[tuple[str, ...], list[str]]:
    """The options that the words begin with, and all words behind them."""
    found = list(read(words, table, mixed=False))
    options = tuple(text for word in found if word.form for text in word.typed)
    return options, list(words[len(words) - sum(not word.form for word in found) :])


@cache
def _pip() -> Table:
    return Table(rows_of("install"))


@cache
def _uv() -> Table:
    return Table((*UV_ADD.rows, *UV_VERBS["install"].rows, *general()), abbreviated=False)
