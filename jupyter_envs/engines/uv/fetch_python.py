"""Downloads a Python. Each is unpacked in its final place, in its own folder, and counts once READY is there: what was
stopped is deleted at once, and what was killed is deleted by the next download."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from ...consent.python import Agreed
from ...errors import Cancelled, EnvsError, InstallError
from ...machine.interpreters import Interpreter, discover, fetched, interpreter_in
from ...machine.interpreters.download import Download
from ...model.moments import now
from ...model.progress import Report
from ...settings import Settings
from ...system.disk import disk_error, new_name, sync
from ...system.files import atomically, make_private
from ...system.leases import alone, is_held, works
from ...system.removal import delete
from .python_complaints import explain_python_error
from .pythons import ALLOWED
from .tool import Engine

LOCK = ".lock"
TURN = 0.3
"""Seconds between two checks whether another process has ended, and whether to continue."""


def fetch(agreed: Agreed, engine: Engine, report: Report) -> None:
    """Afterwards it is found like any other Python. Raises InstallError, StoreError, Cancelled; then nothing of it is
    left."""
    download, settings = agreed.download, engine.settings
    root = fetched.folder_of(settings)
    make_private(root)
    try:
        with _turn(root / LOCK, report):
            if works(root):  # without locks, they may be what somebody else fetches now: gc takes them after a day
                for stray in _unready(settings):
                    delete(stray)
            if not _is_there(download, settings):
                _fetched(download, engine, root / f"{download.version}-{new_name()}", report)
    except OSError as error:
        raise disk_error(error, root) from None
    discover(settings)


def left_behind(settings: Settings) -> Iterator[Path]:
    """Folders of downloads that never ended. None as long as a download is running."""
    found = [*_unready(settings)]
    if found and not is_held(fetched.folder_of(settings) / LOCK):
        yield from (place for place in found if not (place / fetched.READY).exists())


def _unready(settings: Settings) -> Iterator[Path]:
    for place in sorted(fetched.folder_of(settings).glob("*")):
        if place.is_dir() and not (place / fetched.READY).exists():
            yield place


def _turn(lock: Path, report: Report) -> ExitStack:
    """One download at a time."""
    stack = ExitStack()
    while True:
        try:
            stack.enter_context(alone(lock, TURN))
        except TimeoutError:
            if report.cancelled:
                raise Cancelled() from None
        else:
            return stack


def _is_there(download: Download, settings: Settings) -> bool:
    """Whether another process was faster."""
    found = (interpreter_in(prefix) for prefix in fetched.prefixes(settings))
    return any(python is not None and python.version == download.version for python in found)


def _fetched(download: Download, engine: Engine, place: Path, report: Report) -> None:
    what = f"Python {download.version}"
    report.phase("python", f"Downloading {what} from {download.source}")
    try:
        place.mkdir(mode=0o700)
        # uv takes its own name of it, and then nothing that is like it.
        words: list[str | Path] = [
            "python",
            "install",
            "--install-dir",
            place,
            "--no-bin",
            "--no-registry",
            download.key,
        ]
        engine.simple(words, env=ALLOWED, report=report, on_line=_telling(what, report))
        python = _only(place)
        if python is None or python.version != download.version:
            raise InstallError("python-fetch-failed", f"What was downloaded is not {what}.")
        sync(place)
        told = {"version": download.version, "source": download.source, "at": now()}
        atomically(place / fetched.READY, json.dumps(told).encode())
    except BaseException as error:
        delete(place)
        if isinstance(error, EnvsError):
            raise explain_python_error(error, f"{what} from {download.source}", place.parent) from None
        raise


def _only(place: Path) -> Interpreter | None:
    return next(filter(None, map(interpreter_in, fetched.prefixes_in(place))), None)


def _telling(what: str, report: Report) -> Callable[[str], None]:
    """uv prints the size when it begins a download."""

    def line(text: str) -> None:
        size = re.match(r"\s*Downloading .*\(([\d.]+\s?\w+)\)\s*$", text)
        if size:
            report.progress(0, 0, f"Downloading {what} ({size[1]})")

    return line
