"""requirements.txt and requirements.in: a list of what was asked for, or of everything that is
installed, as pip freeze, pip-compile and `uv export` write it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from ..kernel.lock_lines import lock_lines
from ..model.lock import Lock
from ..model.spec import Spec
from .exact_rows import found_in
from .found import Found, Written
from .requirements_txt import read as read_list
from .unsaid import unsaid

NAME = "requirements.txt"
FILE = "requirements.txt"
LOCKS = True
SAYS = frozenset({"versions", "hashes"})


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Raises InputError that says file and line."""
    listed = read_list([path], path.parent)
    return found_in(listed, NAME, path.name, may_be_all=path.suffix == ".txt")


def write(spec: Spec, lock: Lock | None, urls: Mapping[str, str]) -> Written:
    """The lock with its hashes, the same text for a cell and for a terminal."""
    lines = lock_lines(msgspec.to_builtins(lock)) if lock else ()
    return Written("".join(f"{line}\n" for line in lines), unsaid(spec, lock, urls, SAYS))
