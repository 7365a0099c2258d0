"""pixi.lock, in its versions 4 to 6."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from ..errors import InputError
from ..kernel.foreign import visible
from ..model.requirement import Requirement
from .conda_list import HASHED, pin
from .conda_lock import LEFT
from .conda_rows import CondaRow, no_rows_here, of_address, with_rows
from .conda_specs import subdir
from .found import Found, FoundIndex, Pin
from .placed import written
from .shapes import Table
from .yaml_file import MOST, load

NAME = "pixi.lock"
ENVIRONMENT = "default"
PUBLIC = "https://pypi.org/simple"
"""What pixi asks where nobody says another index; here, it is the user's own configuration that counts."""


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Of the environment `default`, or of the one that `groups` names, for this machine. Raises InputError that says
    file and place."""
    content = load(path, 2 * MOST)
    data = Table(content if isinstance(content, dict) else {}, str(path))
    if data.text("version") not in ("4", "5", "6"):
        raise InputError("foreign-file", f"{path} is not a lock of pixi in version 4, 5 or 6.")
    environments = data.table("environments")
    name = next((name for name in environments.values if name in groups), ENVIRONMENT)
    environment = environments.table(name)
    platforms = environment.table("packages")
    if subdir() not in platforms:
        raise no_rows_here(path, platforms.values)
    reading = _Reading(path, {_key(row): row for row in data.tables("packages")})
    for row in platforms.tables(subdir()):
        reading.take(row)
    others = ", ".join(sorted(platforms.values.keys() - {subdir()}))
    notes = [*([LEFT.format(subdir(), others)] if others else []), *reading.notes]
    notes += [HASHED.format(len(reading.conda))] if reading.conda else []
    found = Found(
        NAME,
        path.name,
        requirements=tuple(reading.sourced),
        pins=tuple(reading.pins),
        groups={other: () for other in environments.values if other != ENVIRONMENT},
        indexes=tuple(
            FoundIndex("", url, where=path.name) for url in environment.texts("indexes") if url.rstrip("/") != PUBLIC
        ),
        everything=True,
        notes=tuple(notes),
    )
    return with_rows(found, reading.conda, path)


def _key(row: Table) -> str:
    return row.text("conda") or row.text("pypi") or row.text("url") or row.text("path")


@dataclass
class _Reading:
    path: Path
    about: dict[str, Table]
    """What the lock says about a package, by its address."""
    conda: list[CondaRow] = field(default_factory=list)
    pins: list[Pin] = field(default_factory=list)
    sourced: list[Requirement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def take(self, row: Table) -> None:
        """A row of the environment."""
        address = _key(row)
        if "conda" in row:
            self.conda.append(of_address(address, row.where))
            return
        about = self.about.get(address, row)
        filename = address.rpartition("/")[2]
        if address.startswith("git+") or "://" not in address:
            placed = written(f"{about.name()} @ {address}", self.path.parent, row.where)
            if isinstance(placed, str):
                self.notes.append(placed)
            else:
                self.sourced.append(placed)
            return
        name, version = (about.name(), about.text("version")) if "name" in about else _of_wheel(filename, row.where)
        sha256 = about.text("sha256")
        self.pins.append(pin(name, version, row.where, [sha256] if sha256 else []))


def _of_wheel(filename: str, where: str) -> tuple[str, str]:
    try:
        name, version, *_ = parse_wheel_filename(filename)
    except (InvalidWheelFilename, ValueError):
        raise InputError("foreign-file", f"{where}: {visible(filename[:60])!r} is not a wheel.") from None
    return str(name), str(version)
