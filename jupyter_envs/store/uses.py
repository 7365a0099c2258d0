"""Which notebook used which environment, and when: `<home>/uses/<environment id>.json`. Only cleaning and lists need
this, so it never stops anything: what cannot be written or read is simply not known."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from ..errors import StoreError
from ..kernel.reading import content
from ..kernel.writing import one_at_a_time, replace
from ..system.files import make_private
from .shelf import ID

__all__ = ["Uses", "content", "ids_with_uses", "of", "remember"]

MOST_NOTEBOOKS = 50
"""How many notebooks of one environment are remembered by name: those that used it last."""
SAME_USE = 60.0
"""Seconds in which a second use by the same notebook adds nothing."""
WRITE_TIMEOUT = 0.25
"""Seconds to wait for another process that writes too; after that, one of the two uses may be lost."""


class _File(msgspec.Struct):
    last: float = 0.0
    notebooks: dict[str, float] = {}


@dataclass(frozen=True)
class Uses:
    """`notebooks`: absolute path -> POSIX seconds of its last use; `last` of all, 0 where none is known."""

    notebooks: dict[str, float] = field(default_factory=dict)
    last: float = 0.0


def remember(home: Path, environment_id: str, notebook: Path | str | None = None, at: float | None = None) -> None:
    """Records a use at `at` (POSIX seconds; default: now), by a notebook (absolute path) or by nobody in particular.
    Never raises."""
    if not ID.fullmatch(environment_id):
        return
    moment = time.time() if at is None else at
    path = (
        str(notebook).encode("utf-8", "backslashreplace").decode() if notebook else ""
    )  # it may be no UTF-8, and JSON is
    with contextlib.suppress(OSError, StoreError):
        if _known(_read(_file(home, environment_id)), path, moment):
            return
        make_private(home / "uses")
        with one_at_a_time(_file(home, environment_id), WRITE_TIMEOUT):
            _add(_file(home, environment_id), path, moment)


def of(home: Path, environment_id: str) -> Uses:
    """Never raises: a missing or damaged file means that no use is known."""
    return _read(f"{home}/uses/{environment_id}.json") if ID.fullmatch(environment_id) else Uses()


def ids_with_uses(home: Path) -> list[str]:
    """Ids of all environments with a known use, whether they still exist or not."""
    try:
        names = os.listdir(home / "uses")  # noqa: PTH208  # one call, names only
    except OSError:
        return []
    return sorted(name[:-5] for name in names if name.endswith(".json") and ID.fullmatch(name[:-5]))


def _file(home: Path, environment_id: str) -> Path:
    return home / "uses" / f"{environment_id}.json"


_FILES = msgspec.json.Decoder(_File)


def _read(file: Path | str) -> Uses:
    try:
        value = _FILES.decode(content(file))
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Uses()
    return Uses(value.notebooks, max([value.last, *value.notebooks.values()]))


def _known(uses: Uses, path: str, moment: float) -> bool:
    return 0 <= moment - (uses.notebooks.get(path, 0.0) if path else uses.last) < SAME_USE


def _add(file: Path, path: str, moment: float) -> None:
    uses = _read(file)
    notebooks = uses.notebooks | ({path: max(moment, uses.notebooks.get(path, 0.0))} if path else {})
    latest = sorted(notebooks.items(), key=lambda item: item[1])[-MOST_NOTEBOOKS:]
    # No fsync: it would cost a kernel's start ten times as much, and after a power cut the old file will do.
    replace(file, msgspec.json.encode(_File(max(moment, uses.last), dict(latest))))
