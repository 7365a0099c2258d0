"""Reads a command line as pip does, by a table of options.

The table (pip_table.py, uv_table.py) says of each option, once, what it does here; docs/reference/pip.md shows it."""

from __future__ import annotations

from typing import Iterator, NamedTuple, Sequence

from .refused import Refused as Refused

ACCEPTED, MEANS, REFUSED = "accepted", "means", "refused"


class Row(NamedTuple):
    """One option in all its forms, or one value of it (`only`).

    `value` names its value, and is empty if it has none. `does` is what it means for an order or for our command line:
    with `=` at its end, its value belongs to it. `says` is a clause that says what it does here, or why it is
    refused; `hint` what to do then."""

    forms: tuple[str, ...]
    value: str
    kind: str
    says: str
    does: str = ""
    hint: str = ""
    code: str = ""
    only: str = ""


class Word(NamedTuple):
    """A word that is no option has no `form`. An option that the table does not have has no `row`. `typed`: the words
    that say so, each option by itself and unabbreviated."""

    row: Row | None
    form: str
    value: str | None
    typed: tuple[str, ...] = ()


def accepted(forms: str, says: str, value: str = "", only: str = "") -> Row:
    """An option that changes nothing here."""
    return Row(tuple(forms.split()), value, ACCEPTED, says, only=only)


def means(forms: str, does: str, says: str, value: str = "", only: str = "") -> Row:
    return Row(tuple(forms.split()), value, MEANS, says, does, only=only)


def refused(forms: str, says: str, hint: str, value: str = "", only: str = "", code: str = "pip-option") -> Row:
    return Row(tuple(forms.split()), value, REFUSED, says, hint=hint, code=code, only=only)


class Table:
    """Rows by form; of two rows with the same form, the first one counts, unless it is for one value only."""

    def __init__(self, rows: Sequence[Row], *, abbreviated: bool = True) -> None:
        self.rows = list(rows)
        self.abbreviated = abbreviated
        self._by_form: dict[str, list[Row]] = {}
        for row in rows:
            for form in row.forms:
                self._by_form.setdefault(form, []).append(row)

    def form_of(self, option: str) -> str:
        """The whole form of an option that may be abbreviated, as in pip; "" for an unknown or ambiguous one."""
        if option in self._by_form or not self.abbreviated or not option.startswith("--"):
            return option if option in self._by_form else ""
        found = [form for form in self._by_form if form.startswith(option)]
        rows = {self._by_form[form][0].forms for form in found}
        return found[0] if len(rows) == 1 else ""

    def knows(self, form: str) -> bool:
        return form in self._by_form

    def has_value(self, form: str) -> bool:
        return bool(self._by_form[form][0].value)

    def row(self, form: str, value: str | None) -> Row:
        rows = self._by_form[form]
        return next((row for row in rows if row.only in ("", value)), rows[-1])

    def shown(self, word: Word) -> str:
        """As a sentence names it: with its value, if that makes the difference."""
        return f"{word.form} {word.value}" if len(self._by_form.get(word.form, ())) > 1 else word.form

    def like(self, option: str) -> str:
        """The form that was probably meant, or ""."""
        from difflib import get_close_matches

        long = [form for form in self._by_form if form.startswith("--")]
        return next(iter(get_close_matches(option, long, 1, 0.75)), "")


def checked(word: Word, table: Table, tool: str, hint: str = "Leave it out.") -> Row:
    """The row of an option that has a value if it needs one, and none if not. `hint`: for one that is unknown. Raises
    Refused."""
    row, form, value, _ = word
    if row is None:
        like = table.like(form)
        sentence = f"`{tool}` does not have the option {form[:60]}."
        raise Refused(sentence, f"Did you mean {like}?" if like else hint, "unknown-option")
    if row.value and value is None:
        raise Refused(f"The option {form} needs a value.")
    if value is not None and not row.value:
        raise Refused(f"The option {form} has no value.", f"Write it without `={value}`.")
    if row.kind == REFUSED:
        raise Refused(f"The option {table.shown(word)} is not available here: {row.says}.", row.hint, row.code)
    return row


def read(words: Sequence[str], table: Table, *, mixed: bool = True) -> Iterator[Word]:
    """Knows `--x=v`, `--x v`, `-xv`, `-x v`, `-qU`, `-qr FILE` and `--`. A value may be missing, or be given with `=`
    to an option that has none. Not `mixed`: after the first word that is no option, none is."""
    rest = list(words)
    while rest:
        word = rest.pop(0)
        alone = not word.startswith("-") or word == "-"
        if word == "--" or (alone and not mixed):
            yield from _names(rest if word == "--" else [word, *rest], closed=word == "--")
            return
        if alone:
            yield Word(None, "", word, (word,))
        elif word.startswith("--"):
            yield _long(word, rest, table)
        else:
            yield from _short(word, rest, table)


def _names(words: Sequence[str], *, closed: bool) -> Iterator[Word]:
    for number, word in enumerate(words):
        yield Word(None, "", word, ("--", word) if closed and not number else (word,))


def _long(word: str, rest: list[str], table: Table) -> Word:
    option, equals, value = word.partition("=")
    form = table.form_of(option)
    if not form:
        return Word(None, option, None, (word,))
    given = value if equals else _next(rest) if table.has_value(form) else None
    typed = (form + equals + value,) if equals or given is None else (form, given)
    return Word(table.row(form, given), form, given, typed)


def _short(word: str, rest: list[str], table: Table) -> Iterator[Word]:
    letters = word[1:]
    while letters:
        form, letters = "-" + letters[0], letters[1:]
        if not table.form_of(form):
            yield Word(None, form if len(word) == 2 else f"{form} in {word}", None, (form + letters,))
            return
        value = None
        if table.has_value(form):
            value, letters = letters[1:] if letters.startswith("=") else letters or _next(rest), ""
        yield Word(table.row(form, value), form, value, (form,) if value is None else (form, value))


def _next(rest: list[str]) -> str | None:
    return rest.pop(0) if rest else None
