"""Rows of conda's lists and locks: one file of one channel for one platform each.

A notebook has no lock for them yet. They are kept as exact requirements, `name==version=build`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..errors import InputError
from ..kernel.foreign import visible
from .conda_specs import channel_of, checked_spec, subdir, with_conda
from .found import Found

FILE = re.compile(r"(?P<name>[\w.-]+)-(?P<version>[^-/]+)-(?P<build>[^-/]+)\.(?:conda|tar\.bz2)", re.ASCII)
ANYWHERE = ("", "noarch")
FEW = 5


@dataclass(frozen=True)
class CondaRow:
    """`channel` and `platform`: "" where the list does not tell. `where`: file and line."""

    name: str
    version: str
    build: str
    channel: str
    platform: str
    where: str


def of_address(address: str, where: str) -> CondaRow:
    """`https://conda.anaconda.org/conda-forge/linux-64/numpy-2.1.0-py311h_0.conda`. Raises InputError."""
    try:
        path = unquote(urlsplit(address).path)
    except ValueError:
        path = ""
    folder, _, filename = path.rpartition("/")
    found = FILE.fullmatch(filename)
    if not found:
        raise InputError("foreign-file", f"{where}: {visible(filename[:60])!r} is not the name of a package of conda.")
    channel = channel_of(address.rpartition("/")[0], where)
    return CondaRow(found["name"], found["version"], found["build"], channel, folder.rpartition("/")[2], where)


def with_rows(found: Found, rows: Sequence[CondaRow], path: Path) -> Found:
    """The same, and what conda has to give here. Raises InputError if the list is for other machines only."""
    others = {row.platform for row in rows} - {*ANYWHERE, subdir()}
    if others:
        raise no_rows_here(path, others)
    channels = list(dict.fromkeys(row.channel for row in rows if row.channel))
    specs = [_spec(row, several=len(channels) > 1) for row in rows]
    return with_conda(found, [channel_of(name, str(path)) for name in channels], specs)


def _spec(row: CondaRow, *, several: bool) -> str:
    prefix = f"{row.channel}::" if several and row.channel else ""
    build = f"={row.build}" if row.build else ""
    return checked_spec(f"{prefix}{row.name}=={row.version}{build}", row.where)


def no_rows_here(path: Path, platforms: Iterable[str]) -> InputError:
    """For a lock that was made for other machines."""
    others = ", ".join(visible(name[:20]) for name in sorted({*platforms})[:FEW])
    return InputError(
        "foreign-file", f"{path} has packages for {others or 'no system'}, and this machine is {subdir()}.",
        hint="Import the list that it was made from: environment.yml, pixi.toml.",
    )  # fmt: skip
