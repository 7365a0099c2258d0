"""A folder with files that say what it needs, as Binder and others find them. What they would run is told by name."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from ..errors import InputError
from ..kernel.foreign import visible
from .found import Found
from .table import BINDER, module_of
from .text_file import text_of

NAME = "folder"
LISTS = (
    "environment.yml", "environment.yaml", "Pipfile", "pylock.toml", "requirements.txt", "pyproject.toml", "pixi.toml",
)  # fmt: skip
"""The first that is there counts, as in Binder."""
PYTHONS = ("runtime.txt", ".python-version")
TOLD = {
    "postBuild": "it is a program that runs after everything is installed",
    "start": "it is a program that runs before Jupyter starts",
    "install.R": "it installs packages of R",
    "DESCRIPTION": "it lists packages of R",
    "Project.toml": "it lists packages of Julia",
    "REQUIRE": "it lists packages of Julia",
    "Dockerfile": "it describes a whole machine",
    "default.nix": "it describes packages of nix",
    "setup.py": "it is a program that builds a package",
}
FEW = 8
SIZE = 1 << 16


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Raises InputError that says the file."""
    root = path.resolve()
    folder = next((path / name for name in BINDER if (path / name).is_dir() or (path / name).is_symlink()), path)
    _check_inside(folder, root)
    names, out = _names(folder, root)
    listed = next((name for name in LISTS if name in names | out and _has_module(name)), None)
    python = next((name for name in PYTHONS if name in names | out), None)
    for chosen in filter(None, (listed, python)):
        _check_inside(folder / chosen, root)
    if not listed and not python:
        raise InputError(
            "unknown-format", f"{path} is no environment, and no file in it says which packages are needed.",
            hint=f"Files that would: {', '.join(LISTS)}.",
        )  # fmt: skip
    found = _read(folder / listed, groups) if listed else Found(NAME, "")
    runtime = _read(folder / python, groups) if python else Found(NAME, "")
    others = [name for name in LISTS if name in names and name != listed and _has_module(name)]
    return replace(
        found,
        where=f"{path.name}: {', '.join(filter(None, (listed, python)))}",
        requires_python=found.requires_python or runtime.requires_python,
        notes=(
            *found.notes,
            *runtime.notes,
            *(f"{name} is left out: {listed} counts. To take it, name it." for name in others),
            *(f"{name} is a link out of the folder, and was not followed." for name in sorted(out)),
            *_told(folder, names),
        ),
    )


def _check_inside(place: Path, root: Path) -> None:
    """Raises InputError for a link out of the folder: whoever gave the folder does not choose what else is read."""
    if place.is_symlink() and not _is_inside(place, root):
        raise InputError(
            "foreign-file", f"{place} is a link out of the folder, and was not followed.",
            hint=f"If you want what is there, name the {'folder' if place.is_dir() else 'file'} itself.",
        )  # fmt: skip


def _is_inside(place: Path, root: Path) -> bool:
    return Path(os.path.realpath(place)).is_relative_to(root)


def _names(folder: Path, root: Path) -> tuple[set[str], set[str]]:
    """Of regular files in the folder itself, and of links that lead out of it, if their names say something here."""
    try:
        entries = [*folder.iterdir()]
    except OSError as error:
        raise InputError("foreign-file", f"{folder} cannot be read: {error.strerror}.") from None
    known = {*LISTS, *PYTHONS, *TOLD, "apt.txt"}
    out = {
        entry.name for entry in entries if entry.name in known and entry.is_symlink() and not _is_inside(entry, root)
    }
    return {entry.name for entry in entries if entry.name not in out and _is_one_or_none(entry)}, out


def _is_one_or_none(entry: Path) -> bool:
    """A file, or a link to nothing, which whoever reads it is told."""
    return entry.is_file() or (entry.is_symlink() and not entry.exists())


def _has_module(name: str) -> bool:
    return module_of(Path(name)) is not None


def _read(file: Path, groups: Collection[str]) -> Found:
    found: Found = import_module(f".{module_of(file)}", __package__).read(file, groups)
    return found


def _told(folder: Path, names: set[str]) -> list[str]:
    notes = [f"{name} is left out, and was not run: {what}." for name, what in TOLD.items() if name in names]
    if "apt.txt" in names:
        lines = (line.partition("#")[0].strip() for line in text_of(folder / "apt.txt", SIZE).splitlines())
        packages = [visible(line[:40]) for line in lines if line]
        more = f" and {len(packages) - FEW} more" if len(packages) > FEW else ""
        listed = ", ".join(packages[:FEW]) or "nothing"
        notes.append(f"apt.txt is left out: it asks the system for {listed}{more}, and a notebook changes no system.")
    return notes
