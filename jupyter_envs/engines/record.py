"""RECORD: the list of a distribution's files
(https://packaging.python.org/specifications/recording-installed-packages)."""

from __future__ import annotations

import csv
import io
import os
import posixpath
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.utils import canonicalize_name

from ..errors import InstallError
from .installed import COMMANDS, Installed, InstalledFile

ENDING = ".dist-info"
SIZE = re.compile(r"[0-9]{1,18}")


def distributions(site: Path, site_path: str) -> tuple[Installed, ...]:
    """What is in a site-packages; `site_path` is its path relative to the prefix. Raises InstallError `incomplete` or
    `wheel-escape`."""
    names = sorted(entry.name for entry in os.scandir(site) if entry.name.endswith(ENDING))
    return tuple(_distribution(site / name, site_path) for name in names)


def _distribution(info: Path, site_path: str) -> Installed:
    name, _, version = info.name.removesuffix(ENDING).rpartition("-")
    mark = f"{site_path}/{info.name}/METADATA"
    return Installed(str(canonicalize_name(name)), version, tuple(files(info, site_path)), info.name, mark)


def files(info: Path, site_path: str) -> Iterable[InstalledFile]:
    """Raises InstallError like `distributions`."""
    rows = list(_files(info, site_path))
    commands = {posixpath.basename(row.path).removesuffix(".exe") for row in rows if row.path.startswith(COMMANDS)}
    scripts = f"{site_path}/{info.name.removesuffix(ENDING)}.data/scripts/"
    # A script that has the name of an entry point is not installed, by pip or by uv, but stays in the list.
    return [row for row in rows if not (row.path.startswith(scripts) and row.path.removeprefix(scripts) in commands)]


def _files(info: Path, site_path: str) -> Iterator[InstalledFile]:
    from installer.records import InvalidRecordEntry, parse_record_file  # here, since most commands unpack nothing

    try:
        text = (info / "RECORD").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise InstallError("incomplete", f"{info.name} has no list of its files.") from None
    try:
        for path, hashed, size in parse_record_file(io.StringIO(text, newline="")):
            yield InstalledFile(
                _placed(path, site_path, info.name), hashed, int(size) if SIZE.fullmatch(size) else None
            )
    except (InvalidRecordEntry, csv.Error) as error:
        raise InstallError(
            "incomplete", f"The list of files of {info.name} cannot be read.", details=str(error)
        ) from None


def _placed(path: str, site_path: str, info: str) -> str:
    placed = posixpath.normpath(posixpath.join(site_path, path))
    if placed.startswith(("../", "/")) or placed in ("..", "."):
        raise InstallError("wheel-escape", f"{info} names a file outside the environment: {path[:200]}.")
    return placed


def hashes_of(text: str) -> dict[str, str]:
    """Path as it is written -> hash, for the files of a RECORD that have one. Raises ValueError."""
    from installer.records import InvalidRecordEntry, parse_record_file  # here, as above

    try:
        return {path: hashed for path, hashed, _ in parse_record_file(io.StringIO(text, newline="")) if hashed}
    except (InvalidRecordEntry, csv.Error) as error:
        raise ValueError(str(error)) from None


def record_bytes(rows: Iterable[InstalledFile], site_path: str) -> bytes:
    """The content of a RECORD."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    for row in rows:
        writer.writerow([posixpath.relpath(row.path, site_path), row.hash, "" if row.size is None else row.size])
    return out.getvalue().encode()
