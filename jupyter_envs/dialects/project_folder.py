"""A folder with files that say what it needs, as Binder and others find them. What they would run is told by name."""

from __future__ import annotations

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
    folder = next((path / name for name in BINDER if (path / name).is_dir() and not (path / name).is_symlink()), path)
    names = _names(folder)
    listed = next((name for name in LISTS if name in names and _has_module(name)), None)
    python = next((name for name in PYTHONS if name in names), None)
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
            *_told(folder, names),
        ),
    )


def _names(folder: Path) -> set[str]:
    """Of regular files in the folder itself; a link could lead anywhere."""
    try:
        return {entry.name for entry in folder.iterdir() if entry.is_file() and not entry.is_symlink()}
    except OSError as error:
        raise InputError("foreign-file", f"{folder} cannot be read: {error.strerror}.") from None


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
