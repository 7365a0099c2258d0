"""What conda-meta says about an environment of conda, mamba or pixi."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from ..errors import InputError
from .conda_rows import CondaRow
from .conda_specs import channel_of
from .text_file import text_of

MOST = 3000
"""Packages."""
RECORD = 5 << 20
TOTAL = 200 << 20
"""Bytes of all records: they list all files."""
BESIDE = (".dist-info/METADATA", ".egg-info/PKG-INFO", ".egg-info")


class _Record(msgspec.Struct, frozen=True):
    name: str
    version: str
    build: str = ""
    channel: str = ""
    subdir: str = ""
    files: tuple[str, ...] = ()


def rows_in(prefix: Path) -> tuple[list[CondaRow], frozenset[str]]:
    """And the entries in folders of packages that belong to conda's. Raises InputError that says the file."""
    folder = prefix / "conda-meta"
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".json"))  # noqa: PTH208
    except OSError as error:
        raise InputError("foreign-file", f"{folder} cannot be read: {error.strerror}.") from None
    if len(names) > MOST:
        raise InputError("foreign-file", f"{folder} has more than {MOST} packages.")
    rows, owned, size = list[CondaRow](), set[str](), 0
    for name in names:
        file = folder / name
        if file.is_symlink():
            raise InputError("foreign-file", f"{file} is a link.")
        text = text_of(file, RECORD)
        size += len(text)
        record = _record(text, file)
        if size > TOTAL:
            raise InputError("foreign-file", f"{folder} has more than {TOTAL >> 20} MB.")
        channel = channel_of(record.channel, str(file)) if record.channel else ""
        rows.append(CondaRow(record.name, record.version, record.build, channel, record.subdir, str(file)))
        owned.update(_entry(path) for path in record.files if path.endswith(BESIDE))
    return rows, frozenset(owned)


def _record(text: str, file: Path) -> _Record:
    try:
        return msgspec.json.decode(text, type=_Record)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError("foreign-file", f"{file} is not a record of conda: {error}.") from None


def _entry(path: str) -> str:
    """`demo-1.0.dist-info` of `lib/python3.11/site-packages/demo-1.0.dist-info/METADATA`."""
    return next((part for part in path.split("/") if part.endswith((".dist-info", ".egg-info"))), "")
