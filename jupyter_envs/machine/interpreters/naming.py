"""The Python that somebody names, by version or by path."""

from __future__ import annotations

import os
from pathlib import Path

from ...errors import InputError, PythonError
from ...model.interpreter import Interpreter
from ...model.python_words import python_limits
from ...settings import Settings
from .candidates import base_of
from .discovery import ask


def is_path(word: str) -> bool:
    return os.sep in word or bool(os.altsep and os.altsep in word) or word.startswith("~")


def at_path(word: str, settings: Settings) -> Interpreter:
    """For the Python of a virtual environment, its base. Raises PythonError `no-python`."""
    path = Path(word).expanduser().absolute()
    if not path.is_file():
        raise PythonError("no-python", f"There is no Python at {path}.", hint="Name the program itself: …/bin/python3.")
    found = ask(Path(os.path.realpath(base_of(path))), settings)
    if found and found.abiflags.startswith("t"):
        raise PythonError("no-python", f"{path} is a free-threaded Python, and these are not supported.")
    if found is None:
        raise PythonError(
            "no-python", f"{path} is not a CPython of version 3.8 or newer.",
            hint="`jupyter envs python` lists the Pythons on this machine.",
        )  # fmt: skip
    return found


def limits_of(word: str) -> str | None:
    """None for a path, and for what names no Python."""
    try:
        return None if is_path(word) else python_limits(word, "python")
    except InputError:
        return None
