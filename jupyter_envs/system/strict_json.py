"""JSON that every program reads in the same way: no key twice in one object, no NaN, only UTF-8. A parser that takes
the last of two equal keys and one that takes the first would see two different notebooks."""

from __future__ import annotations

import codecs
import json
import re
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from ..errors import InputError

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?Infinity|NaN|[{}\[\]:,]|\d+')

Kind = type[InputError]
DIGITS: int = getattr(sys.int_info, "default_max_str_digits", sys.maxsize)
"""Python reads no longer whole numbers; old versions read any."""
LONG = "Shorten it, or clear the output that it stands in: Jupyter cannot open the file, either."


class _Duplicate(Exception):
    pass


class _Constant(Exception):
    pass


def decoded(data: bytes, kind: Kind = InputError) -> str:
    """The text without its byte order mark. Raises `kind` `not-utf8`."""
    body = data.removeprefix(codecs.BOM_UTF8)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        offset = error.start + len(data) - len(body)
        raise kind(
            "not-utf8", f"This is not UTF-8 text: byte {offset} cannot be read.",
            hint="A notebook is UTF-8. Was it saved by a program that uses another encoding?",
            data={"offset": offset},
        ) from None  # fmt: skip


def loads(text: str, kind: Kind = InputError, *, what: str = "This", hint: str = "", constants: bool = False) -> object:
    """Raises `kind` not-json, json-dup-key, too-deep, each with line and column where there is one. `constants`: NaN
    and Infinity are numbers, as for Python's own json, which writes them."""
    refuse: Callable[[str], object] | None = None if constants else _no_constant
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=refuse)
    except json.JSONDecodeError as error:
        why = f"{what} is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise _at(kind, "not-json", why, (error.lineno, error.colno), hint) from None
    except _Duplicate as error:
        why = f"The key {str(error)[:60]!r} occurs twice in one object"
        raise _at(kind, "json-dup-key", why, _find_duplicate(text), hint) from None
    except _Constant as error:
        position = next(m.start() for m in _TOKEN.finditer(text) if m.group() == str(error))
        raise _at(kind, "not-json", f"{error} is not JSON", place(text, position), hint) from None
    except RecursionError:
        raise kind("too-deep", f"{what} is nested too deeply to be read.") from None
    except ValueError as error:
        long = next((m for m in _TOKEN.finditer(text) if len(m.group()) > DIGITS and m.group().isdigit()), None)
        if long is None:
            raise kind("not-json", f"{what} cannot be read as JSON: {error}.", hint=hint) from None
        why = f"A number of {len(long.group())} digits is longer than Python reads"
        raise _at(kind, "not-json", why, place(text, long.start()), LONG) from None


def place(text: str, position: int) -> tuple[int, int]:
    """Line and column, both from 1."""
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        raise _Duplicate(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]  # set.add returns None on purpose here
    return value


def _no_constant(name: str) -> NoReturn:
    raise _Constant(name)


def _at(kind: Kind, code: str, what: str, where: tuple[int, int], hint: str) -> InputError:
    line, column = where
    sentence = f"{what} (line {line}, column {column})."
    return kind(code, sentence, hint=hint, data={"line": line, "column": column})


def _find_duplicate(text: str) -> tuple[int, int]:
    """The position of the first repeated key. Only for text that is otherwise JSON."""
    objects: list[set[str] | None] = []
    string: tuple[str, int] = ("", 0)
    for token in _TOKEN.finditer(text):
        mark = token.group()
        if mark == "{":
            objects.append(set())
        elif mark == "[":
            objects.append(None)
        elif mark in "}]":
            objects.pop()
        elif mark[0] == '"':
            string = (json.loads(mark), token.start())
        elif mark == ":" and (keys := objects[-1]) is not None:
            if string[0] in keys:
                return place(text, string[1])
            keys.add(string[0])
    return 1, 1
