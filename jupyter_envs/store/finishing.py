"""What is left to do once wheels are published, at low priority and in nobody's way: take uv's copy of them away, compile
their bytecode, take their write bits. A process of its own, one at a time; harmless when killed at any moment."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from .. import process
from ..errors import EnvsError
from ..lease import exclusive
from ..settings import Settings
from .bytecode import compile_rest
from .disk import delete, freeze, take_away
from .environment import Environment
from .shelf import Shelf
from .wheels import COMPILED, Wheel

MAIN = Path(__file__).resolve().parent.parent / "__main__.py"
AGAIN = "finish.again"
NICE = 15


def begin(settings: Settings, shelf: Shelf, environment: Environment) -> None:
    """Starts it for the wheels of an environment that was just built, unless there is nothing to do."""
    places = (shelf.root / "w" / place for place in environment.wheels)
    if settings.compile == "never" or all((place / "compiled").exists() for place in places):
        return
    if settings.compile == "now":
        finish(settings)
        return
    process.detached(
        [sys.executable, str(MAIN), "finish"],
        {"JUPYTER_ENVS_HOME": str(settings.home), "JUPYTER_ENVS_STORE": str(settings.store)},
    )


def finish(settings: Settings) -> None:
    """Until nothing is left. Who finds somebody else at it tells him to look once more, and leaves."""
    shelf = Shelf(settings.store / "v1")
    again = shelf.root / "locks" / AGAIN
    while True:
        with contextlib.suppress(OSError):
            again.touch()
            (shelf.root / "locks" / "finish").touch()
        with exclusive(shelf.root / "locks" / "finish") as alone:
            if not alone and alone.exact:
                return
            with contextlib.suppress(OSError):
                again.unlink()
                for wheel in unfinished(shelf):
                    with contextlib.suppress(EnvsError, OSError):  # its store is gone, or its Python: nothing depends on it
                        _finish_one(wheel, shelf, settings)
        if not again.exists():
            return


def low_priority() -> None:
    with contextlib.suppress(OSError, AttributeError):
        os.nice(NICE)


def unfinished(shelf: Shelf) -> Iterator[Wheel]:
    return (wheel for wheel in shelf.wheels.all() if not wheel.compiled)


def _finish_one(wheel: Wheel, shelf: Shelf, settings: Settings) -> None:
    if wheel.facts.cached and not drop_cached(wheel, settings.cache / "uv", shelf.trash):
        return  # uv is at work: the next time
    compile_rest(wheel)
    freeze(wheel.library, shared=False)
    if wheel.elsewhere.is_dir():
        freeze(wheel.elsewhere, shared=False)
    (wheel.folder / COMPILED).touch()


def drop_cached(wheel: Wheel, cache: Path, trash: Path) -> bool:
    """Takes uv's unpacked copy of a wheel away, which shares its inodes with ours: whoever edits one would edit both, and
    a disk with two copies would hold both. uv downloads it again should it ever need it. False while uv is at work."""
    gone = []
    with exclusive(cache / ".lock") as alone:  # every call of uv holds it shared, and waits for whoever has it alone
        if not alone:
            return False
        for info in cache.glob(f"archive-v*/*/{wheel.facts.info}"):
            with contextlib.suppress(OSError):
                if (info / "METADATA").stat().st_ino == wheel.facts.cached:
                    gone.append(take_away(info.parent, trash))
    for folder in gone:
        delete(folder)
    return True


