"""RECORD: the list of a distribution's files
(https://packaging.python.org/specifications/recording-installed-packages)."""

from __future__ import annotations

import csv
import io
import os
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from ...errors import InstallError
from ...kernel.writing import put

COMMANDS = ("bin/", "Scripts/")


@dataclass(frozen=True)
class Row:
    """`path` is relative to the environment's prefix; `hash` as `sha256=…`, `size` in bytes, where they are told."""

    path: str
    hash: str
    size: int | None


@dataclass(frozen=True)
class Installed:
    """A distribution in an environment: the name of its `*.dist-info` folder and what it says of itself."""

    info: str
    rows: tuple[Row, ...]

    @property
    def name(self) -> str:
        return str(canonicalize_name(self.info.removesuffix(".dist-info").rpartition("-")[0]))

    @property
    def version(self) -> str:
        return self.info.removesuffix(".dist-info").rpartition("-")[2]


def installed(site: Path, site_path: str) -> list[Installed]:
    """The distributions in a site-packages; `site_path` is its path relative to the prefix.
    Raises InstallError `incomplete` or `wheel-escape`."""
    names = sorted(entry.name for entry in os.scandir(site) if entry.name.endswith(".dist-info"))
    return [Installed(name, tuple(read(site / name, site_path))) for name in names]


def read(info: Path, site_path: str) -> Iterable[Row]:
    rows = list(_rows(info, site_path))
    commands = {posixpath.basename(row.path).removesuffix(".exe") for row in rows if row.path.startswith(COMMANDS)}
    scripts = f"{site_path}/{info.name.removesuffix('.dist-info')}.data/scripts/"
    # A script that has the name of an entry point is not installed, by pip or by uv, but stays in the list.
    return [row for row in rows if not (row.path.startswith(scripts) and row.path.removeprefix(scripts) in commands)]


def _rows(info: Path, site_path: str) -> Iterable[Row]:
    try:
        text = (info / "RECORD").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise InstallError("incomplete", f"{info.name} has no list of its files.") from None
    for fields in csv.reader(io.StringIO(text, newline="")):
        if not fields or not fields[0]:
            continue
        path = posixpath.normpath(posixpath.join(site_path, fields[0].replace("\\", "/")))
        if path.startswith(("../", "/")) or path in ("..", "."):
            raise InstallError("wheel-escape", f"{info.name} names a file outside the environment: {fields[0][:200]}.")
        size = fields[2] if len(fields) > 2 else ""
        yield Row(path, fields[1] if len(fields) > 1 else "", int(size) if size.isdigit() else None)


def write(info: Path, rows: Iterable[Row], site_path: str) -> None:
    """Anew, and not in place: the old file may have another name in a cache that is not ours."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    for row in rows:
        writer.writerow([posixpath.relpath(row.path, site_path), row.hash, "" if row.size is None else row.size])
    put(info / "RECORD", out.getvalue().encode(), 0o644)
