"""An environment on this disk: what `python -m venv`, virtualenv, uv, conda or pixi made. Only its files are read; none
of its programs is started."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from packaging.markers import default_environment

from ..errors import InputError
from .found import Found, Pin
from .installed_packages import Installed, packages_in, root_names
from .text_file import text_of

NAME = "environment"
SEEDS = ("pip", "setuptools", "wheel")
"""They are put into every environment, whether or not anybody asks for them."""
SITES = ("lib/python3*/site-packages", "lib64/python3*/site-packages", "Lib/site-packages", "lib/pypy3*/site-packages")
FEW = 8
CONFIGURATION = 1 << 16
KEYS = r"(?m)^[ \t]*([\w-]+)[ \t]*=[ \t]*(.*?)[ \t]*$"


def is_one(path: Path) -> bool:
    return (path / "pyvenv.cfg").is_file() or (path / "conda-meta").is_dir()


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Raises InputError that says what cannot be read."""
    python, notes = _configured(path)
    found = Found(NAME, path.name or str(path))
    owned: frozenset[str] = frozenset()
    if (path / "conda-meta").is_dir():
        from .conda_prefix import rows_in
        from .conda_rows import with_rows

        rows, owned = rows_in(path)
        found = with_rows(found, rows, path)
        python = python or next((row.version for row in rows if row.name == "python"), "")
    sites = [site for pattern in SITES for site in sorted(path.glob(pattern)) if _is_within(site, path)]
    packages, left = packages_in(sites, path, owned)
    notes += left
    minor = re.match(r"3\.\d+", python) or next(filter(None, (re.search(r"3\.\d+", str(site)) for site in sites)), None)
    sourced = [item for package in packages if (item := package.requirement(path, notes))]
    pins = _pins([package for package in packages if not package.address and package.name != "pip"], minor and minor[0])
    if not packages and not found.conda:
        raise InputError("nothing-found", f"No package is installed in {path}.")
    return replace(
        found,
        requires_python=found.requires_python or (f"=={minor[0]}.*" if minor else None),
        requirements=(*(item for item in found.requirements if item.name not in SEEDS), *sourced),
        pins=pins,
        notes=(*found.notes, *notes),
    )


def _pins(packages: list[Installed], minor: str | None) -> tuple[Pin, ...]:
    """What pip was asked for has a file REQUESTED; where nothing has one, what nothing else needs counts."""
    here = {key: str(value) for key, value in default_environment().items()} | {"extra": ""}
    if minor:
        here |= {"python_version": minor, "python_full_version": f"{minor}.0"}
    others = [package for package in packages if package.name not in SEEDS]
    told = any(package.requested for package in others)
    roots = root_names(others, here)
    asked = {p.name for p in others if p.requested or (p.name in roots and not (told and p.requested is False))}
    return tuple(Pin(package.name, package.version, asked=package.name in asked) for package in packages)


def _configured(path: Path) -> tuple[str, list[str]]:
    """Version of the Python of a virtual environment, and what its configuration says besides."""
    file = path / "pyvenv.cfg"
    if not file.is_file():
        return "", []
    values: dict[str, str] = dict(re.findall(KEYS, text_of(file, CONFIGURATION)))
    notes = []
    if values.get("include-system-site-packages", "").lower() == "true":
        notes.append("It also sees the packages of the Python that it was made with; those are not taken.")
    if values.get("implementation", "CPython").lower() != "cpython":
        notes.append(f"It has {values['implementation'][:20]}; a notebook has CPython.")
    return values.get("version") or values.get("version_info") or "", notes


def _is_within(site: Path, path: Path) -> bool:
    """And no second name: lib64 is a link to lib."""
    try:
        return site.is_dir() and not (site.parent.parent.is_symlink()) and site.resolve().is_relative_to(path.resolve())
    except OSError:
        return False
