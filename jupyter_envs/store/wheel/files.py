"""The list of a wheel's files, as it was unpacked: its RECORD if it has one, otherwise `files.json` beside `l` and `p`,
with what the engine said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from ...engines import record
from ...engines.installed import Installed, InstalledFile
from ...errors import InstallError
from ...kernel.writing import put
from ...model.environment import site_path
from .wheels import LIST, Wheel, place_of

_MINOR = re.compile(r"-(\d)(\d+)")
"""In a tag."""


def site_of(wheel: Wheel) -> str:
    """The site-packages from which its RECORD counts, relative to the prefix; as in every environment that has it."""
    minor = _MINOR.search(wheel.facts.tag)
    return site_path(f"{minor[1]}.{minor[2]}" if minor else "")


def files_of(wheel: Wheel) -> list[InstalledFile]:
    """Paths are as in an environment whose site-packages is `site_of(wheel)`. Raises InstallError if the list cannot be
    read."""
    site = site_of(wheel)
    if wheel.facts.info:
        return list(record.files(wheel.library / wheel.facts.info, site))
    try:
        rows = msgspec.json.decode((wheel.folder / LIST).read_bytes(), type=dict[str, tuple[str, int | None]])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        raise InstallError("incomplete", f"{wheel.name} has no list of its files.") from None
    return [InstalledFile(_in_environment(place, site), *row) for place, row in rows.items()]


def _in_environment(place: str, site: str) -> str:
    return f"{site}/{place[2:]}" if place.startswith("l/") else place[2:]


def write_list(folder: Path, installed: Installed, rows: Iterable[InstalledFile], site_path: str) -> None:
    """`folder`: the wheel's. Never in place: an old RECORD may have another name in a cache that is not ours."""
    if installed.info:
        put(folder / "l" / installed.info / "RECORD", record.record_bytes(rows, site_path), 0o644)
    else:
        said = {place_of(row.path, site_path): (row.hash, row.size) for row in rows}
        put(folder / LIST, msgspec.json.encode(said), 0o444)
