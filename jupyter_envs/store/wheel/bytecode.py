"""Bytecode: compiled once for a wheel and an interpreter, and shared by every environment. What cannot be added later
is compiled before a wheel is published; the rest in the background."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import signal
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...errors import InstallError
from ...kernel.compile_script import FULL
from ...machine.interpreters import Interpreter
from ...system import process
from ...system.disk import sync
from ...system.scripts import COMPILE
from .inspect import CACHE
from .wheels import Wheel

ENDING = ".new"
"""Added to the name of bytecode that may not be on the disk yet: a kernel never reads it."""
ENDED = (-signal.SIGTERM, -getattr(signal, "SIGKILL", signal.SIGTERM))
NAME = re.compile(r"(.+)\.(?!opt-)[^.]+(?:\.opt-([12]))?\.pyc", re.DOTALL)
"""Module, and level of optimisation. The file itself says which Python it is for."""
DEADLINE = 1800.0
"""Seconds."""


def compile_first(folders: Sequence[Path], interpreter: Interpreter) -> None:
    """The modules that environments link to one by one: those at the top and in namespaces. Raises OSError where the
    disk is full."""
    jobs = [(str(source), shown, "") for folder in folders for source, shown in _exposed(folder / "l")]
    if jobs:
        with contextlib.suppress(InstallError):  # a Python that cannot be started: modules work without bytecode
            _run(jobs, interpreter.path)


def compile_rest(wheel: Wheel) -> list[Path]:
    """All of a published wheel; afterwards nothing in it needs to be written any more. Harmless when killed at any
    moment, and when it is done twice. Returns the files made. Raises what a process can, and OSError."""
    library = wheel.library
    _sweep(library)
    jobs = [(str(source), shown, ENDING) for source, shown in _modules(library)]
    try:
        made = _run(jobs, Path(wheel.facts.python))
        sync(library)
    except OSError:
        _sweep(library)  # on a disk that is full it is in the way
        raise
    for path in made:
        os.replace(path, path[: -len(ENDING)])  # noqa: PTH105
    return [Path(path[: -len(ENDING)]) for path in made]


def differing(bytecode: Iterable[Path], python: Path) -> list[Path]:
    """Those of the given files in folders `__pycache__` that this Python would run and that do not match their
    source."""
    named = ((path, NAME.fullmatch(path.name)) for path in bytecode)
    jobs = [(str(path.parent.parent / f"{name[1]}.py"), str(path), int(name[2] or 0)) for path, name in named if name]
    if not jobs:
        return []
    words: list[str | Path] = [python, "-I", "-S", "-X", "utf8", COMPILE, "compare"]
    try:
        done = process.run(words, env=process.scrubbed({}), stdin=json.dumps(jobs), timeout=DEADLINE)
    except InstallError:
        return [Path(path) for _, path, _ in jobs]
    # Bytecode that ends the one who reads it is none that Python wrote.
    return (
        [Path(path) for path in json.loads(done.stdout)]
        if done.returncode == 0
        else [Path(path) for _, path, _ in jobs]
    )


def _sweep(library: Path) -> None:
    for stale in library.glob(f"**/{CACHE}/*{ENDING}"):
        stale.unlink()


def _run(jobs: Sequence[tuple[str, str, str]], python: Path) -> list[str]:
    """Never in the environment's own Python, whose start may run code of its packages. One that fails by itself is not
    run again; one that somebody ended (InstallError), or that found the disk full (OSError), is."""
    done = process.run(
        [python, "-I", "-S", "-X", "utf8", COMPILE], env=process.scrubbed({}), stdin=json.dumps(jobs), timeout=DEADLINE
    )
    if done.returncode in ENDED:
        raise InstallError("incomplete", "Compiling was ended from outside.")
    if done.returncode == FULL:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), jobs[0][0])
    made: list[str] = json.loads(done.stdout) if done.returncode == 0 else []
    return made


def _exposed(library: Path) -> Iterable[tuple[Path, str]]:
    """Modules at the top, and in folders without an `__init__.py`, which several wheels may share."""
    waiting = [""]
    while waiting:
        place = waiting.pop()
        entries = list(os.scandir(library / place))
        for entry in entries:
            path = f"{place}/{entry.name}" if place else entry.name
            if entry.name.endswith(".py"):
                yield library / path, path
            elif entry.is_dir() and entry.name.isidentifier() and not (library / path / "__init__.py").exists():
                waiting.append(path)


def _fail(error: OSError) -> None:
    raise error


def _modules(library: Path) -> Iterable[tuple[Path, str]]:
    for place, _, names in os.walk(library, onerror=_fail):
        for name in names:
            if name.endswith(".py"):
                path = Path(place, name)
                yield path, path.relative_to(library).as_posix()
