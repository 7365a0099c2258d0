"""What `conda list --explicit`, `conda list --export` and `conda list` print: everything that is installed."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from packaging.utils import canonicalize_name

from ..errors import InputError
from ..kernel.foreign import visible
from ..model.requirement import VERSION
from .conda_rows import CondaRow, of_address, with_rows
from .found import Found, Pin
from .text_file import text_of

NAME = "conda list"
START = 1 << 16
"""Characters that are looked at to recognize such a list: a list has a head."""
MOST = 1 << 20
EXPLICIT = "@EXPLICIT"
EXPORTED = re.compile(r"([\w.-]+)=([^=\s]+)=([^=\s]+)", re.ASCII)
HEAD = re.compile(r"# Name\s+Version\s+Build(?:\s+Channel)?\s*")
COLUMNS = re.compile(r"([\w.-]+)\s+(\S+)\s+(\S+)(?:\s+(\S+))?", re.ASCII)
HASHED = "The hashes of {} packages are not recorded: what a notebook asks conda for is a name, a version and a build."


def is_one(path: Path) -> bool:
    """Whether a file called `*.txt` is such a list, and none of pip's."""
    try:
        lines = text_of(path)[:START].splitlines()
    except InputError:
        return False  # whoever reads it says why
    plain = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return EXPLICIT in plain[:1] or bool(plain and EXPORTED.fullmatch(plain[0])) or any(map(HEAD.fullmatch, lines))


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Raises InputError that says file and line."""
    lines = [(number, line.strip()) for number, line in enumerate(text_of(path, MOST).splitlines(), 1)]
    head = any(HEAD.fullmatch(line) for _, line in lines)
    conda, pins, hashed = list[CondaRow](), list[Pin](), 0
    for number, line in lines:
        if not line or line.startswith("#") or line == EXPLICIT:
            continue
        where = f"{path}:{number}"
        row = _row(line, where, head)
        if row.channel == "pypi" or row.build.startswith("pypi_"):
            pins.append(pin(row.name, row.version, where))
        else:
            conda.append(row)
        hashed += "#" in line
    notes = (HASHED.format(hashed),) if hashed else ()
    return with_rows(Found(NAME, path.name, pins=tuple(pins), everything=True, notes=notes), conda, path)


def _row(line: str, where: str, head: bool) -> CondaRow:
    if "://" in line:
        return of_address(line.partition("#")[0], where)
    found = (COLUMNS if head else EXPORTED).fullmatch(line)
    if not found:
        raise InputError("foreign-file", f"{where}: {visible(line[:60])!r} is not a line of a list of conda.")
    name, version, build, *channel = found.groups()
    return CondaRow(name, version, build, (channel[0] or "") if channel else "", "", where)


def pin(name: str, version: str, where: str, hashes: Collection[str] = ()) -> Pin:
    """Raises InputError that says where."""
    if not VERSION.fullmatch(version) or not re.fullmatch(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", name, re.ASCII):
        raise InputError("foreign-file", f"{where}: {visible(f'{name} {version}'[:60])!r} is not a package.")
    return Pin(str(canonicalize_name(name)), str(version), hashes=frozenset(hashes))
