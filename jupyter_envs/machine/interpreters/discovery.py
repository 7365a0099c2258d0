"""Asks each candidate once what it is, and remembers the answer."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace
from packaging.version import InvalidVersion, Version

from ...errors import EnvsError
from ...model.interpreter import Interpreter, is_version, signature
from ...settings import Settings
from ...system import kept
from .candidates import Candidate, candidates, in_prefix

OLDEST = (3, 8)
AT_ONCE = 8
PROBE_TIMEOUT = 10.0
"""Seconds for one answer."""
ASK_AGAIN = 3600.0
"""Seconds after which a program that did not answer is asked again: the machine may have been busy."""
PROBE = (
    "import sys,json,platform;"
    "print(json.dumps([sys.implementation.name,platform.python_version(),platform.machine(),"
    "getattr(sys,'abiflags',''),getattr(sys,'_base_executable',None) or sys.executable]))"
)


def discover(settings: Settings) -> tuple[Interpreter, ...]:
    """Every CPython from 3.8 on, newest first. Only files that were not asked before are started."""
    return tuple(sorted(_answers(list(candidates(settings)), settings), key=_order, reverse=True))


def running_python(settings: Settings) -> Interpreter | None:
    """The base of the Python that runs us, as `discover` lists it, without a look at any other; None if it does not."""
    path, source = next(candidates(settings), (None, ""))
    found = next(_answers([(path, source)], settings), None) if path and source == "current" else None
    return found if found and found.path == path else None


def ask(path: Path, settings: Settings) -> Interpreter | None:
    """What this file is, if it is a Python that can be used."""
    return next(_answers([(path, "system")], settings), None)


def _answers(here: list[Candidate], settings: Settings) -> Iterator[Interpreter]:
    cache = _Cache(settings.cache / "interpreters.json")
    unknown = [candidate for candidate in here if not cache.knows(candidate[0])]
    if unknown:
        from concurrent.futures import ThreadPoolExecutor  # here, since it is rare, and costs every start

        with ThreadPoolExecutor(AT_ONCE) as pool:
            for (path, _), answer in zip(unknown, pool.map(_probe, unknown), strict=True):
                cache.put(path, answer)
        cache.save()
    return _supported(here, cache)


def _supported(here: list[Candidate], cache: _Cache) -> Iterator[Interpreter]:
    seen: set[Path] = set()
    for path, source in here:
        found = cache.get(path)
        if found and found.path not in seen and found.implementation == "cpython":
            seen.add(found.path)
            if Version(found.version).release[:2] >= OLDEST:
                yield replace(found, source=source)


def _order(interpreter: Interpreter) -> tuple[Version, bool, int]:
    return Version(interpreter.version), not interpreter.abiflags, -len(str(interpreter.path))


def _probe(candidate: Candidate) -> Interpreter | None:
    """Asks it what it is, isolated from every file near us. None if it does not answer."""
    from ...system import process
    from . import conda

    path, source = candidate
    if found := conda.python_at(path):
        return found
    try:
        done = process.run([path, "-I", "-S", "-c", PROBE], env=process.scrubbed({}), timeout=PROBE_TIMEOUT)
        implementation, version, arch, abiflags, executable = json.loads(done.stdout)
        Version(version.rstrip("+"))
    except (EnvsError, ValueError, TypeError, InvalidVersion):
        return None
    # What was asked may be a script that starts the real one.
    real = Path(os.path.realpath(executable))
    return Interpreter(real if real.is_file() else path, implementation, version.rstrip("+"), arch, source, abiflags)


def interpreter_in(prefix: Path) -> Interpreter | None:
    """The Python in a folder, as it describes itself now."""
    return next(filter(None, (_probe((Path(os.path.realpath(path)), "uv")) for path in in_prefix(prefix))), None)


Sign = tuple[int, int, int]


class _Found(msgspec.Struct, frozen=True):
    path: str
    implementation: str
    version: str
    arch: str
    source: str
    abiflags: str
    signature: Sign | None


def _found(python: Interpreter) -> _Found:
    said = {name: getattr(python, name) for name in ("implementation", "version", "arch", "source", "abiflags")}
    return _Found(path=str(python.path), signature=python.signature, **said)


class _Entry(msgspec.Struct, frozen=True):
    """What a file with this `signature` answered `at` a moment (POSIX seconds), and what was found then."""

    signature: Sign | None
    at: float
    found: _Found | None


class _Cache:
    """What each file said it is. Valid as long as the file, and the one it named, stay the same."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._new: dict[str, _Entry] = {}
        known = kept.recalled(file, dict[str, _Entry]) or {}
        self._known = {
            path: entry for path, entry in known.items() if entry.found is None or is_version(entry.found.version)
        }

    def knows(self, path: Path) -> bool:
        entry = self._known.get(str(path))
        if entry is None or entry.signature != signature(path):
            return False
        if entry.found is None:
            return 0 <= time.time() - entry.at < ASK_AGAIN
        return entry.found.signature == signature(Path(entry.found.path))

    def get(self, path: Path) -> Interpreter | None:
        entry = self._known.get(str(path))
        found = entry.found if entry else None
        if found is None:
            return None
        return Interpreter(
            Path(found.path), found.implementation, found.version, found.arch, found.source, found.abiflags
        )

    def put(self, path: Path, found: Interpreter | None) -> None:
        told = _found(found) if found else None
        self._known[str(path)] = self._new[str(path)] = _Entry(signature(path), time.time(), told)

    def save(self) -> None:
        """Includes what other processes have found in the meantime."""
        kept.change(self._file, dict[str, _Entry], lambda known: {**(known or {}), **self._new})
