"""Names that mean another thing: what is imported, what conda has, what is misspelled. From our own lists, and the one
of very popular packages: nobody is asked about a name for this."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from packaging.utils import canonicalize_name

from ...consent.facts import lookalike, popular
from ...kernel.conda_names import RENAMED

LIKE = 0.84
"""How alike two names have to be, of 1."""
MOST = 3
HERE = Path(__file__).parent


def of_module(name: str) -> tuple[str, str] | None:
    """The module as it is imported, and the package that brings it, where that has another name."""
    return _pairs("modules.txt").get(name)


def of_other_manager(name: str) -> tuple[str, str] | None:
    """The name in other package managers, and the package that it is in the index."""
    return _pairs("other_managers.txt").get(name) or ((name, RENAMED[name]) if name in RENAMED else None)


def meant_by(name: str) -> tuple[str, ...]:
    """Packages whose existence decides what is said about this name."""
    return tuple(found[1] for found in (of_module(name), of_other_manager(name)) if found)


def is_program(name: str) -> bool:
    return name in _words("programs.txt")


def in_standard_library(name: str) -> bool:
    """Whether every Python has a module of this name. `name` is canonical."""
    return name in _standard()


def alike(name: str, more: Iterable[str] = ()) -> tuple[str, ...]:
    """Packages that may have been meant, the most likely first. `more`: names to try besides the popular ones."""
    known = popular() | {package for _, package in _pairs("modules.txt").values()} | {*more}
    bare = name.replace("-", "")
    same = sorted(each for each in known if each.replace("-", "") == bare)
    step = lookalike(name)
    close = get_close_matches(name, known, MOST, LIKE)
    return tuple(dict.fromkeys(each for each in (*same, *([step] if step else []), *close) if each != name))[:MOST]


@cache
def _standard() -> frozenset[str]:
    return frozenset(canonicalize_name(name) for name in sys.stdlib_module_names if not name.startswith("_"))


@cache
def _pairs(file: str) -> dict[str, tuple[str, str]]:
    """By canonical name."""
    pairs = [line.split() for line in _lines(file)]
    return {canonicalize_name(shown): (shown, package) for shown, package in pairs}


@cache
def _words(file: str) -> frozenset[str]:
    return frozenset(word for line in _lines(file) for word in line.split())


def _lines(file: str) -> list[str]:
    return [line for line in (HERE / file).read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
