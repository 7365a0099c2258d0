""".python-version of pyenv and uv, and runtime.txt of Binder and Heroku: the Python of a folder."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ..errors import InputError
from ..kernel.foreign import visible
from ..model.python_words import python_limits
from .found import Found
from .text_file import text_of

NAME = ".python-version"
MOST = 1 << 16
OTHER_LANGUAGES = ("r-", "julia-", "java-", "node-", "nodejs-", "ruby-", "php-")


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Raises InputError that says file and line."""
    lines = [(n, line.partition("#")[0].strip()) for n, line in enumerate(text_of(path, MOST).splitlines(), 1)]
    words = [(n, word) for n, line in lines for word in line.split()]
    if not words:
        raise InputError("foreign-file", f"{path} is empty.", hint="It names a version of Python, for example 3.12.")
    number, word = words[0]
    if word.startswith(OTHER_LANGUAGES):
        return Found(NAME, path.name, notes=(f"{path.name}:{number}: {visible(word[:40])} is no Python.",))
    notes = [f"{path.name}:{n}: {visible(other[:40])} is left out: one Python is enough." for n, other in words[1:]]
    limits = python_limits(word, f"{path}:{number}")
    return Found(NAME, path.name, requires_python=limits, notes=tuple(notes))
