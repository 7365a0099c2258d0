"""conda-lock.yml, in the unified form (version 1)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.specifiers import SpecifierSet

from ..errors import InputError
from ..model.requirement import Requirement
from .conda_list import HASHED, pin
from .conda_rows import CondaRow, no_rows_here, of_address, with_rows
from .conda_specs import subdir
from .found import Found, Pin
from .placed import written
from .shapes import Table
from .yaml_file import load

NAME = "conda-lock"
CATEGORY = "main"
LEFT = "Only the packages for {} are taken, not those for {}."


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Of this machine's rows. Raises InputError that says file and place."""
    content = load(path)
    data = Table(content if isinstance(content, dict) else {}, str(path))
    if data.text("version") != "1":
        raise InputError("foreign-file", f"{path} is not a lock of conda-lock in its version 1.")
    rows = list(data.tables("package"))
    platforms = {row.text("platform") for row in rows}
    if subdir() not in platforms:
        raise no_rows_here(path, platforms)
    reading = _Reading(path, {CATEGORY, *groups})
    for row in rows:
        if row.text("platform") == subdir():
            reading.take(row)
    others = ", ".join(sorted(platforms - {subdir()}))
    notes = [*([LEFT.format(subdir(), others)] if others else []), *reading.notes]
    notes += [HASHED.format(len(reading.conda))] if reading.conda else []
    found = Found(
        NAME,
        path.name,
        requirements=tuple(reading.sourced),
        pins=tuple(reading.pins),
        groups={name: tuple(items) for name, items in reading.groups.items()},
        everything=True,
        notes=tuple(notes),
    )
    return with_rows(found, reading.conda, path)


@dataclass
class _Reading:
    path: Path
    wanted: set[str]
    """Categories that are taken."""
    conda: list[CondaRow] = field(default_factory=list)
    pins: list[Pin] = field(default_factory=list)
    sourced: list[Requirement] = field(default_factory=list)
    groups: dict[str, list[Requirement]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def take(self, row: Table) -> None:
        name, version, address = row.name(), row.text("version"), row.text("url")
        own = {*row.texts("categories")} or {row.text("category", CATEGORY)}
        conda = row.text("manager") == "conda"
        for group in own - {CATEGORY}:
            self.groups.setdefault(group, [])
            if not conda and CATEGORY not in own:
                pinned = pin(name, version, row.where)
                self.groups[group].append(Requirement(pinned.name, specifier=SpecifierSet(f"=={pinned.version}")))
        if not own & self.wanted:
            return
        if conda:
            self.conda.append(replace(of_address(address, row.where), name=row.text("name"), version=version))
        elif address.startswith(("git+", "file:")):
            placed = written(f"{name} @ {address}", self.path.parent, row.where)
            if isinstance(placed, str):
                self.notes.append(placed)
            else:
                self.sourced.append(placed)
        elif CATEGORY in own:
            sha256 = row.table("hash").text("sha256")
            self.pins.append(pin(name, version, row.where, [sha256] if sha256 else []))
