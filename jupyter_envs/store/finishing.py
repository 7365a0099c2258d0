"""What is left to do once wheels are published, in the background at low priority: delete the engine's copy of
them, compile their bytecode, remove their write bits. A separate process, one at a time; harmless when killed at
any moment."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..engines.choice import Engines, OurEngines
from ..errors import EnvsError, StoreError
from ..model.environment import Environment
from ..model.progress import SILENT, Report
from ..settings import Settings
from ..system import process
from ..system.disk import FULL, disk_error, freeze
from ..system.leases import exclusive, is_held
from ..system.scripts import MAIN
from .seal import seal, watch
from .shelf import Shelf
from .wheel.bytecode import compile_rest
from .wheel.inspect import CACHE
from .wheel.wheels import COMPILED, Wheel

AGAIN_FILE = "finish.again"
NICE = 15


def begin(
    settings: Settings,
    shelf: Shelf,
    environment: Environment,
    report: Report = SILENT,
    engines: Engines | None = None,
) -> None:
    """Starts this for the wheels of an environment that was just built, unless there is nothing to do."""
    places = (shelf.root / "w" / place for place in environment.wheels)
    if settings.compile != "never" and not all((place / COMPILED).exists() for place in places):
        go_on(settings, report, engines)


def go_on(settings: Settings, report: Report = SILENT, engines: Engines | None = None) -> None:
    """Does what is left, in the background unless the settings say to wait for it."""
    if settings.compile == "background":
        process.detached(
            [sys.executable, str(MAIN), "finish"],
            {"JUPYTER_ENVS_HOME": str(settings.home), "JUPYTER_ENVS_STORE": str(settings.store)},
        )
        return
    try:
        finish(settings, engines)
    except StoreError as error:
        report.note(f"{error.sentence} Some packages are not compiled yet; `jupyter envs gc` compiles them.")


def finish(settings: Settings, engines: Engines | None = None) -> None:
    """Runs until nothing is left. If another process is already at it, asks that one to look again, and returns. Raises
    StoreError if the disk is full or fails; what is left is then done the next time."""
    shelf = Shelf(settings.store / "v1")
    again = shelf.root / "locks" / AGAIN_FILE
    while True:
        with contextlib.suppress(OSError):
            again.touch()
            (shelf.root / "locks" / "finish").touch()
        with exclusive(shelf.root / "locks" / "finish") as alone:
            if not alone and alone.exact:
                return
            try:
                again.unlink(missing_ok=True)
                _finish_all(shelf, settings, engines)
            except OSError as error:
                raise disk_error(error, shelf.root) from None
        if not again.exists():
            return


def _finish_all(shelf: Shelf, settings: Settings, engines: Engines | None) -> None:
    """Raises OSError if the disk is full: the other wheels would fail as well."""
    wheels = list(unfinished(shelf, settings.compile))
    if not forget(wheels, settings, engines):
        wheels = [wheel for wheel in wheels if not wheel.facts.cached]  # one is at work: the others the next time
    try:
        _finish_each(wheels, settings)
    finally:
        watch(shelf, [wheel for wheel in wheels if wheel.compiled])


def _finish_each(wheels: Sequence[Wheel], settings: Settings) -> None:
    for wheel in wheels:
        try:
            _finish_one(wheel, settings)
        except OSError as error:
            if error.errno in FULL:
                raise
        except EnvsError:
            pass  # its store is gone, or its Python: nothing depends on it


def at_work(shelf: Shelf) -> bool:
    """Whether another process is doing this."""
    return is_held(shelf.root / "locks" / "finish")


def low_priority() -> None:
    with contextlib.suppress(OSError, AttributeError):
        os.nice(NICE)


def unfinished(shelf: Shelf, compile: str = "now") -> Iterator[Wheel]:
    """`compile`: as in the settings. Without those whose Python is gone."""
    left = (wheel for wheel in shelf.wheels.all() if not (wheel.frozen if compile == "never" else wheel.compiled))
    return (wheel for wheel in left if Path(wheel.facts.python).exists())


def _finish_one(wheel: Wheel, settings: Settings) -> None:
    by_python = settings.compile == "never"
    made = [] if by_python else compile_rest(wheel)
    freeze(wheel.library, shared=False, but=frozenset({CACHE}) if by_python else frozenset())
    if wheel.data.is_dir():
        freeze(wheel.data, shared=False)
    seal(wheel, None if by_python else made)


def forget(wheels: Sequence[Wheel], settings: Settings, engines: Engines | None, patience: float = 0.0) -> bool:
    """Takes away the copies that engines have of these wheels. False where an engine is at work and keeps its own."""
    copies = infos_of(wheels)
    gone = [engine.cache.forget(copies, patience) for engine in (engines or OurEngines(settings)).every()]
    return all(gone)


def infos_of(wheels: Sequence[Wheel]) -> dict[int, str]:
    """Inode of the file that an engine's cache knows it by -> name of its dist-info folder, or of the package. Of those
    that share their files with a cache."""
    return {wheel.facts.cached: wheel.facts.info or wheel.name for wheel in wheels if wheel.facts.cached}
