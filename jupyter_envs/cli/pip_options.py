"""pip's options behind `jupyter envs install` and the like: what they do in a cell, they do here."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ..errors import UsageError
from ..kernel.asking import in_a_terminal
from ..kernel.pip_options import ACCEPTED, MEANS, Refused, Row, Table, Word, checked, means, read


def in_our_words(parser: argparse.ArgumentParser, rows: Sequence[Row], words: Sequence[str]) -> list[str]:
    """The words, with our own options only. Raises UsageError for an option that is refused or unknown."""
    ours = [_row(action) for action in parser._actions if action.option_strings]
    table = Table([*ours, *rows])
    help_ = f"`{parser.prog} --help` lists the options."
    kept: list[str] = []
    for word in read(words, table):
        row, form, value, _ = word
        if not form and str(value).startswith("-") and value != "-":
            raise UsageError("usage", f"Unexpected argument: {value!r}.")
        if not form:
            kept.append(str(value))
        elif row in ours:  # whatever it says is kept: argparse knows what it means
            kept.append(row.does.rstrip("=") + ("" if value is None else f"={value}"))
        else:
            kept += _meant(word, table, parser.prog, help_)
    return kept


def _meant(word: Word, table: Table, prog: str, hint: str) -> list[str]:
    """Of a row of pip's. Raises UsageError."""
    row = word.row
    if row and row.kind == MEANS and not row.does.startswith("-"):
        word = word._replace(row=None)  # for cells only
    try:
        row = checked(word, table, prog, hint)
    except Refused as refused:
        raise UsageError(refused.code, refused.sentence, hint=in_a_terminal(refused.hint)) from None
    if row.kind == ACCEPTED:
        return []
    return [row.does + str(word.value) if row.does.endswith("=") else row.does]


def _row(action: argparse.Action) -> Row:
    forms = action.option_strings
    takes = action.nargs is None and "--accept" not in forms  # whose value is a word of its own
    long = next((form for form in reversed(forms) if form.startswith("--")), forms[0])
    return means(" ".join(forms), long + ("=" if takes else ""), action.help or "", action.dest if takes else "")
