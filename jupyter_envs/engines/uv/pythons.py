"""Which Pythons uv can download for this machine. uv is asked once and its answer is kept, so that looking at a
notebook starts no process."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import msgspec
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from ...errors import EnvsError
from ...machine.interpreters import OLDEST, is_version
from ...machine.interpreters.download import Download
from ...model.digests import digest
from ...settings import Settings
from ...system import kept
from .python_complaints import explain_python_error
from .tool import Engine

ABOUT = ("UV_PYTHON_DOWNLOADS_JSON_URL", "UV_PYTHON_INSTALL_MIRROR")
ALLOWED = {"UV_PYTHON_DOWNLOADS": "manual"}
"""uv downloads a Python only if it is told to."""
LIST = ("python", "list", "--only-downloads", "--all-versions", "--output-format", "json")


def fitting(requires: str | None, downloads: Iterable[Download]) -> Download | None:
    """The newest one that fits; a preview only if there is no other."""
    wanted = SpecifierSet(requires or "")
    fits = [download for download in downloads if wanted.contains(download.version, prereleases=True)]
    return max(fits, key=lambda fit: (not Version(fit.version).is_prerelease, Version(fit.version)), default=None)


def ask_for_downloads(engine: Engine) -> tuple[Download, ...]:
    """What uv answers now. Only the user's own list (UV_PYTHON_DOWNLOADS_JSON_URL) may need the network. Raises
    InstallError."""
    try:
        said = engine.simple(LIST, env=ALLOWED).stdout
        found = tuple(download for row in json.loads(said) if (download := _download(row)))
    except EnvsError as error:
        raise explain_python_error(error, "The list of Pythons that can be downloaded", engine.settings.home) from None
    except (ValueError, LookupError, TypeError, AttributeError):
        found = ()
    kept.keep(_file(engine.settings), _Told(_about(engine), found))
    return found


def learn(engine: Engine) -> None:
    """Asks a uv that was not asked before. Never raises: nobody waits for the answer."""
    with contextlib.suppress(EnvsError, OSError):
        if not engine.offline and _remembered(engine.settings).about != _about(engine):
            ask_for_downloads(engine)


def remembered_downloads(settings: Settings) -> tuple[Download, ...]:
    """What uv answered when it was last asked. No process, no network."""
    return tuple(download for download in _remembered(settings).found if is_version(download.version))


def _download(row: dict[str, Any]) -> Download | None:
    if (row["implementation"], row["variant"]) != ("cpython", "default") or not row["url"]:
        return None
    try:
        if Version(row["version"]).release[:2] < OLDEST:
            return None
        parts = urlsplit(row["url"])
    except ValueError:  # in a list of the user's own; the other Pythons in it are none the worse
        return None
    if parts.scheme != "file":
        return Download(row["version"], row["key"], parts.hostname or "")
    path = Path(url2pathname(parts.path))
    return Download(row["version"], row["key"], str(path.parent), path.stat().st_size if path.is_file() else None)


def _about(engine: Engine) -> list[Any]:
    status = engine.found().stat()
    told = digest([engine.indexes.env.get(name) for name in ABOUT])  # there may be a password in it
    return [status.st_size, status.st_mtime_ns, status.st_ino, told]


class _Told(msgspec.Struct, frozen=True):
    """What uv answered; `about` identifies that uv and its configuration."""

    about: list[Any]
    found: tuple[Download, ...]


def _remembered(settings: Settings) -> _Told:
    return kept.recalled(_file(settings), _Told) or _Told([], ())


def _file(settings: Settings) -> Path:
    return settings.cache / "pythons.json"
