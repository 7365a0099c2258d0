"""The list of a wheel's files, as it was unpacked: its RECORD if it has one, otherwise `files.json` beside `l` and `p`,
with what the engine said."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from ...engines import record
from ...engines.installed import Installed, InstalledFile
from ...errors import InstallError
from ...kernel.writing import put
from .wheels import Wheel, place_of

SITE = "Lib/site-packages" if sys.platform == "win32" else "lib/python/site-packages"
"""Where the paths of a list start; only how deep it is matters."""
LIST = "files.json"


def files_of(wheel: Wheel) -> list[InstalledFile]:
    """Paths are as in an environment whose site-packages is SITE. Raises InstallError if the list cannot be read."""
    if wheel.facts.info:
        return list(record.files(wheel.library / wheel.facts.info, SITE))
    try:
        rows = msgspec.json.decode((wheel.folder / LIST).read_bytes(), type=dict[str, tuple[str, int | None]])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        raise InstallError("incomplete", f"{wheel.name} has no list of its files.") from None
    return [InstalledFile(_in_environment(place), *row) for place, row in rows.items()]


def _in_environment(place: str) -> str:
    return f"{SITE}/{place[2:]}" if place.startswith("l/") else place[2:]


def write_list(folder: Path, installed: Installed, rows: Iterable[InstalledFile], site_path: str) -> None:
    """`folder`: the wheel's. Never in place: an old RECORD may have another name in a cache that is not ours."""
    if installed.info:
        put(folder / "l" / installed.info / "RECORD", record.record_bytes(rows, site_path), 0o644)
    else:
        said = {place_of(row.path, site_path): (row.hash, row.size) for row in rows}
        put(folder / LIST, msgspec.json.encode(said), 0o444)
