"""pip's options behind `jupyter envs install` and the like: what they do in a cell, they do here."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ..errors import UsageError
from ..kernel.asking import in_a_terminal
from ..kernel.pip_options import ACCEPTED, REFUSED, Row, Table, means, read, refusal


def in_our_words(parser: argparse.ArgumentParser, rows: Sequence[Row], words: Sequence[str]) -> list[str]:
    """The words, with our own options only. Raises UsageError for an option that is refused or unknown."""
    ours = [_row(action) for action in parser._actions if action.option_strings]
    table = Table([*ours, *rows])
    kept: list[str] = []
    for word in read(words, table):
        row, form, value, _ = word
        if not form and str(value).startswith("-") and value != "-":
            raise UsageError("usage", f"Unexpected argument: {value!r}.")
        if not form:
            kept.append(str(value))
        elif row is None or (row.kind != ACCEPTED and not row.does.startswith("-") and row.kind != REFUSED):
            like = table.like(form)
            raise UsageError(
                "unknown-option", f"`{parser.prog}` does not have the option {form[:60]}.",
                hint=f"Did you mean {like}?" if like else f"`{parser.prog} --help` lists the options.",
            )  # fmt: skip
        elif row.kind == REFUSED:
            raise UsageError(row.code, refusal(row, table.shown(word)), hint=in_a_terminal(row.hint))
        elif row in ours:  # whatever it says is kept: argparse knows what it means
            kept.append(row.does.rstrip("=") + ("" if value is None else f"={value}"))
        elif row.kind != ACCEPTED:
            kept.append(_said(row.does, value))
    return kept


def _row(action: argparse.Action) -> Row:
    forms = action.option_strings
    takes = action.nargs is None and "--accept" not in forms  # whose value is a word of its own
    long = next((form for form in reversed(forms) if form.startswith("--")), forms[0])
    return means(" ".join(forms), long + ("=" if takes else ""), action.help or "", action.dest if takes else "")


def _said(does: str, value: str | None) -> str:
    """Of a row of pip's. Without a value where one belongs, argparse says so."""
    if value is None:
        return does.removesuffix("=")
    return does + value if does.endswith("=") else does
