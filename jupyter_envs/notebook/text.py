"""From bytes to a notebook; every refusal says where."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from ..block import KEY, WHERE, Block, deeper_than, parse_block
from ..errors import NotebookError

MAX_BYTES = 200 * 1024 * 1024
MAX_BLOCK = 4 * 1024 * 1024
MAX_DEPTH = 100
"""Of the metadata; outputs may nest as deep as Python's parser goes."""
FORMAT = 4
RESTORE = "Mend it there, or restore the notebook from a copy; Jupyter keeps one in .ipynb_checkpoints."
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?Infinity|NaN|[{}\[\]:,]')

Content = dict[str, Any]


def parse(data: bytes) -> Content:
    """Raises NotebookError: too-big, not-utf8, merge-conflict, not-json, json-dup-key, too-deep, nbformat, not-notebook."""
    if len(data) > MAX_BYTES:
        raise NotebookError("too-big", f"The notebook is larger than {MAX_BYTES >> 20} MiB.")
    return checked(_loads(decoded(data)))


def decoded(data: bytes) -> str:
    """The text without its byte order mark."""
    body = data.removeprefix(codecs.BOM_UTF8)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        offset = error.start + len(data) - len(body)
        raise NotebookError(
            "not-utf8", f"This is not UTF-8 text: byte {offset} cannot be read.",
            hint="A notebook is UTF-8. Was it saved by a program that uses another encoding?",
            data={"offset": offset},
        ) from None  # fmt: skip


class _Duplicate(Exception):
    pass


class _Constant(Exception):
    pass


def _loads(text: str) -> object:
    if not text.strip():
        raise NotebookError("not-json", "The file is empty, so it is not a notebook.", hint=RESTORE)
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise _not_json(text, error) from None
    except _Duplicate as error:
        line, column = _find_duplicate(text)
        raise _at("json-dup-key", f"The key {str(error)[:60]!r} stands twice in one object", line, column) from None
    except _Constant as error:
        position = next(m.start() for m in _TOKEN.finditer(text) if m.group() == str(error))
        raise _at("not-json", f"{error} is not JSON", *_place(text, position)) from None
    except RecursionError:
        raise NotebookError("too-deep", "The notebook is nested too deep to be read.") from None


def _unique(pairs: list[tuple[str, Any]]) -> Content:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        raise _Duplicate(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]  # set.add returns None on purpose here
    return value


def _no_constant(name: str) -> NoReturn:
    raise _Constant(name)


def _not_json(text: str, error: json.JSONDecodeError) -> NotebookError:
    conflict = re.search(r"^<<<<<<< .*$", text, re.MULTILINE)
    if conflict:
        line, _ = _place(text, conflict.start())
        return NotebookError(
            "merge-conflict", f"An unfinished merge: conflict markers begin in line {line}.",
            hint="Settle the conflict (nbdime helps), then try again.", data={"line": line},
        )  # fmt: skip
    return _at("not-json", f"This is not JSON: {error.msg[:1].lower()}{error.msg[1:]}", error.lineno, error.colno)


def _at(code: str, what: str, line: int, column: int) -> NotebookError:
    sentence = f"{what} (line {line}, column {column})."
    return NotebookError(code, sentence, hint=RESTORE, data={"line": line, "column": column})


def _place(text: str, position: int) -> tuple[int, int]:
    """Line and column, both from 1."""
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)


def _find_duplicate(text: str) -> tuple[int, int]:
    """Where the first repeated key stands. Only for text that is otherwise JSON."""
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
                return _place(text, string[1])
            keys.add(string[0])
    return 1, 1


def checked(value: object) -> Content:
    """A notebook of format 4, as far as we rely on it. Raises NotebookError nbformat, not-notebook or too-deep."""
    if not isinstance(value, dict):
        raise NotebookError("not-notebook", "This JSON is not a notebook: it is no object.")
    number = value.get("nbformat")
    if type(number) is not int:
        raise NotebookError("not-notebook", "This JSON is not a notebook: it has no nbformat number.")
    if number < FORMAT:
        raise NotebookError(
            "nbformat", f"This notebook has the old format {number}.",
            hint="Convert it: jupyter nbconvert --to notebook --inplace NOTEBOOK", data={"nbformat": number},
        )  # fmt: skip
    if number > FORMAT:
        raise NotebookError(
            "nbformat", f"This notebook has format {number}, which is newer than we know.",
            hint="Upgrade jupyter-envs.", data={"nbformat": number},
        )  # fmt: skip
    if not isinstance(value.get("cells"), list):
        raise NotebookError("not-notebook", "This is not a notebook: cells is no list.")
    metadata = value.get("metadata", {})
    if not isinstance(metadata, dict):
        raise NotebookError("not-notebook", "This is not a notebook: metadata is no object.")
    if deeper_than(metadata, MAX_DEPTH):
        raise NotebookError("too-deep", f"metadata: nested deeper than {MAX_DEPTH} levels.")
    return value


def block_of(notebook: Mapping[str, Any]) -> Block | None:
    """The block of a parsed notebook, or None. Raises InputError that says where, NotebookError `too-big`."""
    metadata = notebook.get("metadata") or {}
    if KEY not in metadata:
        return None
    if len(json.dumps(metadata[KEY])) > MAX_BLOCK:
        raise NotebookError("too-big", f"{WHERE}: larger than {MAX_BLOCK >> 20} MiB.")
    return parse_block(metadata[KEY])
