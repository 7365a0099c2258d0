"""TOML files of other tools: read within limits, and refused in a sentence."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from ..errors import InputError
from .text_file import text_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DEEP = re.compile(r"^(?:[^\n.=]*\.){32}", re.MULTILINE)
"""A key of that many parts, or what looks like one: Python takes seconds for one of thousands."""


def load(path: Path) -> dict[str, Any]:
    """Raises InputError that says the file."""
    return loads(text_of(path), str(path))


def loads(text: str, where: str) -> dict[str, Any]:
    """Raises InputError that says where."""
    if DEEP.search(text):
        raise InputError("foreign-file", f"{where} has keys of too many parts.")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("foreign-file", f"{where} is not TOML: {error or 'too deep'}.") from None
