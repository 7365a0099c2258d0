"""Packages that a project of another tool takes from a repository, an archive or a folder, as its tables say it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from ..errors import InputError
from ..model.requirement import ANY, Requirement, Source, split_address
from .file_options import in_file
from .pip_arguments import parse
from .sources import path_in

SCP = re.compile(r"(?:(git)@)?([\w.-]+):(?!//)(?!\d+/)([\w./~-]+)")
"""`git@host:owner/project`, which git reads as an address of ssh."""
REVISION = re.compile(r"[\w.+/-]{1,200}")
FOLDER = re.compile(r"[\w./-]{1,200}")


@dataclass(frozen=True)
class Place:
    """One of `git`, `url` and `path`, with what the tool's keys say about it."""

    git: str = ""
    url: str = ""
    path: str = ""
    revision: str = ""
    subdirectory: str = ""
    editable: bool = False


def at_place(item: Requirement, place: Place, base: Path, where: str) -> Requirement | str:
    """The requirement from there, without limits of its version; a sentence where a notebook cannot take it. `base`:
    the folder of the file. Raises InputError for an address that must not be in a notebook."""
    if place.path:
        return _in_folder(item, place, base, where)
    address = _address(place, where)
    name, semicolon, marker = replace(item, specifier=ANY).text.partition(" ; ")
    return in_file(where, lambda: parse([f"{name} @ {address}{semicolon}{marker}"], base=base))[0]


def _address(place: Place, where: str) -> str:
    for text, pattern in ((place.revision, REVISION), (place.subdirectory, FOLDER)):
        if text and not pattern.fullmatch(text):
            raise InputError("foreign-file", f"{where}: {text[:60]!r} is not valid here.")
    folder = f"#subdirectory={place.subdirectory}" if place.subdirectory else ""
    if place.url:
        return f"{place.url}{folder}"
    scp = SCP.fullmatch(place.git)
    url = f"ssh://{scp[1] + '@' if scp[1] else ''}{scp[2]}/{scp[3]}" if scp else place.git.removeprefix("git+")
    return f"git+{url}{f'@{place.revision}' if place.revision else ''}{folder}"


def _in_folder(item: Requirement, place: Place, base: Path, where: str) -> Requirement | str:
    try:
        path = Path(os.path.realpath(base / place.path / place.subdirectory))
        inside = path.is_relative_to(os.path.realpath(base)) and path.exists()
    except (OSError, ValueError):
        inside = False
    if not inside:
        return (
            f"{where}: {item.name} is left out: it comes from {place.path!r}, which is not in the folder of this file. "
            f"If you have it: jupyter envs install NOTEBOOK PATH"
        )
    source = Source(path=path, editable=place.editable and path.is_dir())
    return replace(item, specifier=ANY, source=source)


def written(text: str, base: Path, where: str) -> Requirement | str:
    """What PEP 508 says, as `at_place`: what is a path on a command line is no requirement here. Raises InputError."""
    found = split_address(text)
    if found is None:
        raise InputError("foreign-file", f"{where}: {text[:200]!r} is not a requirement.")
    item, address = found
    if address and (address.startswith("file:") or "://" not in address):
        path = in_file(where, lambda: path_in(address)) if address.startswith("file:") else address
        return at_place(item, Place(path=path), base, where)
    return in_file(where, lambda: parse([text], base=base))[0]
