"""The cells of a parsed notebook, whatever is in it: their code, and the lines that start another program."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Content = Mapping[str, Any]
SHELLS = re.compile(r"%%(?:bash|sh|script bash|script sh|!)\s*(?:\n|\Z)")
"""The first line of a cell whose other lines are a shell's."""
PYTHON = re.compile(r"%%(?:time|timeit|capture|prun|env-\w+)\b")
"""The first line of a cell that is Python nevertheless."""
LONG_TEXT = re.compile(r'"""|\'\'\'')
LONGEST = 1 << 14
"""Characters of a line that is looked into."""


class Line(NamedTuple):
    """`sign`: `!`, `%`, or "" in a cell of a shell; `where` for people; `text` without the sign."""

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
    """Lines that IPython gives to a shell or a magic, with their continuations."""
    for number, source in sources(content):
        yield from _lines_of(source, f"cell {number}")


def _lines_of(source: str, cell: str) -> Iterator[Line]:
    if not re.search(r"[!%]", source):
        return
    shell = SHELLS.match(source.lstrip()) is not None
    if source.lstrip().startswith("%%") and not shell and not PYTHON.match(source.lstrip()):
        return
    start, begun, quote = 0, "", ""
    for number, raw in enumerate(source.splitlines(), 1):
        inside, quote = bool(quote), _open_quote(raw, quote)
        text = begun + (raw if begun else raw.strip())
        start = start or number
        if raw.endswith("\\") and (begun or shell or text[:1] in ("!", "%")):
            begun = text[:-1]
            continue
        sign = text[:1] if text[:1] in ("!", "%") else ""
        plain = text.lstrip("!%").strip()
        if (sign or shell) and not inside and not text.startswith("%%") and plain and not plain.startswith("#"):
            yield Line(f"{cell}, line {start}", sign, plain)
        start, begun = 0, ""


def _open_quote(line: str, quote: str) -> str:
    """The quotation marks of a text of several lines that is open behind this line; `quote`: before it."""
    for found in LONG_TEXT.findall(line if len(line) < LONGEST else ""):
        quote = found if not quote else "" if found == quote else quote
    return quote
