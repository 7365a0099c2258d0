"""YAML files of other tools: read within limits, and refused in a sentence.

A scalar stays the text that it is in the file: `python: 3.10` is 3.10, and not the number 3.1."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ..errors import InputError
from .text_file import text_of

MOST = 1 << 20
"""Bytes: the parser takes two seconds for as many."""
PARTS = 40_000
"""Lines and commas."""
NODES = 100_000
"""With those of aliases, each time they are used."""
DEPTH = 32
NESTED = re.compile(r"^[ ]*(?:[-?][ ]+){32}|[\[{]\s*(?:[\[{]\s*){32}", re.MULTILINE)
"""What the parser would take seconds for, or all of the stack."""
CORE = "tag:yaml.org,2002:"


class Text(str):
    """A scalar, and the line that it is in."""

    __slots__ = ("line",)
    line: int

    def __new__(cls, text: str, line: int) -> Text:
        made = super().__new__(cls, text)
        made.line = line
        return made


def line_of(value: str) -> int:
    """Of a scalar or a key."""
    return value.line if isinstance(value, Text) else 0


def load(path: Path, most: int = MOST) -> Any:
    """Of dict, list, Text and None. Raises InputError that says file and line."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    text = text_of(path, most)
    if found := NESTED.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise InputError("foreign-file", f"{path}:{line}: this is nested too deeply.")
    if text.count("\n") + text.count(",") > PARTS:
        raise InputError("foreign-file", f"{path} has too many lines to be read.")
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        where = f"{path}:{error.problem_mark.line + 1}" if error.problem_mark else str(path)
        raise InputError("foreign-file", f"{where}: this is not YAML: {error.problem or error.context}.") from None
    except (YAMLError, ValueError, RecursionError, LookupError, AttributeError) as error:
        what = str(error).partition("\n")[0] if not isinstance(error, RecursionError) else "too deep"
        raise InputError("foreign-file", f"{path} is not YAML: {what}.") from None
    return None if node is None else _Tree(path).value(node, ())


class _Tree:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._left = NODES

    def value(self, node: Any, above: tuple[int, ...]) -> Any:
        line = node.start_mark.line + 1
        self._left -= 1
        if self._left < 0:
            raise self._wrong(line, "this has too many values; aliases may repeat others")
        if id(node) in above or len(above) > DEPTH:
            raise self._wrong(line, "this contains itself" if id(node) in above else "this is nested too deeply")
        above = (*above, id(node))
        tag = str(node.tag or "")
        if not tag.startswith(CORE) or tag.removeprefix(CORE).partition("/")[0] in ("python", "binary"):
            raise self._wrong(line, f"the tag {tag[:60]!r} has no meaning here")
        if node.id == "mapping":
            return self._mapping(node, above)
        if node.id == "sequence":
            return [self.value(each, above) for each in node.value]
        return None if tag == f"{CORE}null" else Text(node.value, line)

    def _mapping(self, node: Any, above: tuple[int, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.id != "scalar" or key.tag == f"{CORE}merge":
                raise self._wrong(line, "only names can be keys")
            if key.value in found:
                raise self._wrong(line, f"the key {key.value[:60]!r} is here for the second time")
            found[Text(key.value, line)] = self.value(value, above)
        return found

    def _wrong(self, line: int, what: str) -> InputError:
        return InputError("foreign-file", f"{self._path}:{line}: {what}.")
