"""The cells of a parsed notebook, whatever is in it: their code, and the lines that start another program."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .python_calls import CALLS, calls_in

Content = Mapping[str, Any]
SHELLS = re.compile(
    r"%%(?:bash|sh|zsh|ksh|system|sx|!|script\s+(?:-\S+\s+)*(?:\S*/)?(?:ba|z|k|da)?sh)(?=\s|\Z)", re.ASCII
)
"""The first line of a cell whose other lines are a shell's, whatever its options are."""
PYTHON = re.compile(r"%%(?:time|timeit|capture|prun|env-\w+)\b")
"""The first line of a cell that is Python nevertheless, or begins with a shell's in its second line."""
MARKS = re.compile(
    r"""(?P<comment>\#.*)|(?P<long>\"{3}|'{3})|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""", re.VERBOSE
)  # fmt: skip
CLOSES = {mark: re.compile(rf"\\.|({mark})") for mark in ('"""', "'''")}
ASSIGNED = re.compile(r"[\w.,\s\[\]*]+=\s*(?=[!%])")
"""`out = !pip list`."""
TIMED = re.compile(r"%(?:time|timeit)\s+(?=[!%])")
SYSTEM = re.compile(r"%(?:sx|system)\s+|!!")
HEREDOC = re.compile(r"(?<!<)<<(?!<)-?\s*(['\"]?)(\w+)\1")
TO_SHELL = re.compile(r"\b(?:ba|z|k|da)?sh\b[^;&|]*<<")
LONGEST = 1 << 14
"""Characters of a line that is looked into."""


class Line(NamedTuple):
    """`sign`: `!`, `%`, or "" in a cell of a shell and for what Python code gives to one; `where` for people; `text`
    without the sign."""

    where: str
    sign: str
    text: str


def metadata_of(content: Content) -> Mapping[str, Any]:
    found = content.get("metadata")
    return found if isinstance(found, Mapping) else {}


def sources(content: Content, kinds: tuple[str, ...] = ("code",)) -> Iterator[tuple[int, str]]:
    """Number, from 1, and text of each cell of these kinds."""
    cells = content.get("cells")
    for number, cell in enumerate(cells if isinstance(cells, list) else (), 1):
        if isinstance(cell, Mapping) and cell.get("cell_type") in kinds:
            source = cell.get("source")
            parts = source if isinstance(source, list) else [source]
            yield number, "".join(part for part in parts if isinstance(part, str))


def shell_lines(content: Content) -> Iterator[Line]:
    """Lines that IPython or Python code gives to a shell or a magic, with their continuations."""
    for number, source in sources(content):
        if re.search(r"[!%]", source) or CALLS.search(source):
            for line, sign, text in sorted(_lines_of(source), key=lambda found: found[0]):
                yield Line(f"cell {number}, line {line}", sign, text)


def _lines_of(source: str) -> Iterator[tuple[int, str, str]]:
    rows = source.splitlines()
    first = 0
    while first < len(rows) and (not rows[first].strip() or PYTHON.match(rows[first].strip())):
        first += 1
    start = rows[first].strip() if first < len(rows) else ""
    if SHELLS.match(start):
        yield from _of_shell(rows, first + 1)
    elif not start.startswith("%%"):
        yield from _of_python(rows, first)


def _of_shell(rows: list[str], first: int) -> Iterator[tuple[int, str, str]]:
    """What stands between `<<END` and `END` is only text, unless a shell gets it."""
    start, begun, skipped = 0, "", 0
    places: dict[str, list[int]] = {}
    for at, raw in enumerate(rows):
        places.setdefault(raw.strip(), []).append(at)
    for number, raw in enumerate(rows[first:], first + 1):
        if number <= skipped:
            continue
        start = start or number
        if raw.endswith("\\"):
            begun += raw[:-1]
            continue
        text = (begun + raw).strip()
        if text and not text.startswith("#"):
            yield start, "", text
            found = HEREDOC.search(text[:LONGEST])
            if found and not TO_SHELL.search(text[:LONGEST]):
                ends = places.get(found[2], [])
                at = bisect_left(ends, number)
                skipped = ends[at] + 1 if at < len(ends) else 0
        start, begun = 0, ""


def _of_python(rows: list[str], first: int) -> Iterator[tuple[int, str, str]]:
    start, begun, quote = 0, "", ""
    code = ["" for _ in rows[:first]]
    for number, raw in enumerate(rows[first:], first + 1):
        text = begun + raw if begun else "" if quote else _given_away(raw)
        if not text:
            quote = _open_quote(raw, quote)
            code.append(raw)
            continue
        code.append(f"{raw[: len(raw) - len(raw.lstrip())]}pass" if not begun else "")
        start = start or number
        if raw.endswith("\\"):
            begun = text[:-1]
            continue
        system = SYSTEM.match(text)
        sign = "!" if system else text[:1]
        plain = (text[system.end() :] if system else text.lstrip("!%")).strip()
        if plain and not plain.startswith("#") and not text.startswith("%%"):
            yield start, sign, plain
        start, begun = 0, ""
    yield from calls_in(code)


def _given_away(raw: str) -> str:
    """The line from its sign on, where it has one."""
    text = raw.strip()[:LONGEST]
    before = ASSIGNED.match(text) or TIMED.match(text)
    text = raw.strip()[before.end() :] if before else raw.strip()
    return text if text[:1] in ("!", "%") else ""


def _open_quote(line: str, quote: str) -> str:
    """The quotation marks of a text of several lines that is open behind this line; `quote`: before it."""
    at = 0 if len(line) < LONGEST else len(line)
    while at < len(line):
        found = CLOSES[quote].search(line, at) if quote else MARKS.search(line, at)
        if not found:
            break
        at = found.end()
        quote = ("" if found[1] else quote) if quote else found["long"] or ""
    return quote
