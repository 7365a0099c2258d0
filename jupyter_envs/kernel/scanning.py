"""A whole line of pip, uv or conda, as the tool itself reads it: by the tables that say what its options do here."""

from __future__ import annotations

from typing import Iterator, Sequence

from .pip_options import Row, Table, Word, means, read


def scanned(tool: str, words: Sequence[str], places: Sequence[str]) -> Iterator[Word]:
    """`tool`: pip, `uv pip`, `uv add` or conda; `places`: options that name another environment, each with a value."""
    rest, verb = list(words), ""
    for _ in range(2 if tool == "uv pip" else 1):
        first = list(read(rest, _table(tool, verb, places), mixed=False))
        yield from (word for word in first if word.form)
        names = [str(word.value) for word in first if not word.form]
        if not names:
            return
        verb, rest = names[0], names[1:]
        yield Word(None, "", verb, (verb,))
    yield from read(rest, _table(tool, verb, places))


def _table(tool: str, verb: str, places: Sequence[str]) -> Table:
    """`verb`: "" for the options before it."""
    rows: Sequence[Row]
    if tool == "conda":
        from .conda_words import ROWS as rows
    else:
        from . import pip_table, uv_table

        verbs = {"pip": pip_table.VERBS, "uv pip": uv_table.UV_VERBS}.get(tool, uv_table.PROJECT_VERBS)
        of_all = pip_table.GENERAL if tool == "pip" else uv_table.general()
        rows = (*(verbs[verb].rows if verb in verbs else ()), *of_all)
    others = [means(form, "place=", "names another environment", "PLACE") for form in places]
    return Table([*others, *rows], abbreviated=not tool.startswith("uv"))
