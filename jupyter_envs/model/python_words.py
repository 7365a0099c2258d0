"""How people say which Python they mean: `3.12.1`, `3.12`, `>=3.11,<3.13`, `python3.12`, `cpython-3.12.1`."""

from __future__ import annotations

import re

from ..errors import InputError
from .spec import python_requirement

VERSION = re.compile(r"(?:c?python[-@=]?)?v?(\d+(?:\.\d+){0,2})(?:\.[*x])?", re.IGNORECASE | re.ASCII)
OTHERS = re.compile(
    r"(pypy|graalpy|graalvm|jython|ironpython|micropython|stackless|pyston|cinder)[-\w.+]*", re.IGNORECASE
)
FREE_THREADED = re.compile(r"(?:c?python[-@]?)?\d+(?:\.\d+){1,2}(?:t|\+freethreaded)", re.IGNORECASE | re.ASCII)
DEVELOPMENT = re.compile(r"(\d+\.\d+)-dev|(\d+\.\d+\.\d+)((?:a|b|rc)\d+)", re.ASCII)


def python_limits(word: str, where: str) -> str:
    """As a requirement: `==3.12.1`, `==3.12.*`. Raises InputError `python-spec` for what names no version, and
    `python-unsupported` for a Python that no notebook can have."""
    text = word.strip()
    if found := OTHERS.fullmatch(text):
        raise InputError(
            "python-unsupported", f"{where}: {text[:60]} is not CPython. Only CPython is supported.",
            hint="Name a version of CPython, for example 3.12.",
        )  # fmt: skip
    if FREE_THREADED.fullmatch(text):
        raise InputError(
            "python-unsupported", f"{where}: {text[:60]} is a free-threaded Python, and these are not supported.",
            hint="Name the version without it, for example 3.13.",
        )  # fmt: skip
    if found := DEVELOPMENT.fullmatch(text):
        return f"=={found[1]}.*" if found[1] else f"=={found[2]}{found[3]}"
    found = VERSION.fullmatch(text)
    if found:
        exact = found[1].count(".") == 2
        return python_requirement(f"=={found[1]}" if exact else f"=={found[1]}.*", where)
    return python_requirement(text, where)
