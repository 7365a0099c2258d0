"""Which of the installed Pythons a notebook gets."""

from __future__ import annotations

import os
import re
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from ...errors import PythonError
from ...model.interpreter import Interpreter
from ...settings import Settings
from .candidates import base_of, own
from .discovery import discover, running_python


def choose(requires: str | None, settings: Settings, *, prefer_minor: str | None = None) -> Interpreter:
    """The interpreter for a requirement (a specifier set): one with the preferred minor, else the default if it fits,
    else the newest stable one. Raises PythonError `no-python`, which names the installed ones."""
    mine = running_python(settings) if settings.python is None else None
    if mine and prefer_minor in (None, mine.minor) and _usual(mine) and fits(mine, requires):
        return mine  # as below, but that looks through every folder that may have Pythons
    here = [i for i in discover(settings) if _usual(i)]
    fitting = [i for i in here if fits(i, requires)]
    if not fitting:
        raise _missing(requires, here)
    default = _default(here, settings)
    if default is None and settings.python and requires is None and prefer_minor is None:
        raise _missing(settings.python, here, "The settings ask for")
    for minor in filter(None, (prefer_minor, default.minor if default else None)):
        found = [i for i in fitting if i.minor == minor]
        if found:
            return default if default in found else found[0]
    stable = [i for i in fitting if not Version(i.version).is_prerelease]
    return (stable or fitting)[0]


def _usual(interpreter: Interpreter) -> bool:
    """A free-threaded one is never chosen by itself."""
    return not interpreter.abiflags.startswith("t")


def fits(interpreter: Interpreter, requires: str | None) -> bool:
    return requires is None or SpecifierSet(requires).contains(interpreter.version, prereleases=True)


def list_interpreters(settings: Settings) -> tuple[tuple[Interpreter, bool], ...]:
    """Every interpreter here, newest first, and whether it is the default for notebooks that do not ask for one."""
    try:
        default = choose(None, settings)
    except PythonError:
        default = None
    return tuple((found, found == default) for found in discover(settings))


def _default(here: list[Interpreter], settings: Settings) -> Interpreter | None:
    """What the settings say (a version or a path), else the Python that runs us, else another of its minor."""
    wanted = settings.python
    if wanted is None:
        mine = own()
        return next((i for i in here if i.path == mine), None)
    from .naming import is_path, limits_of  # here: most people leave it to us

    if is_path(wanted):
        path = Path(os.path.realpath(base_of(Path(wanted))))
        return next((i for i in here if i.path == path), None)
    limits = limits_of(wanted)
    fitting = [i for i in here if limits and fits(i, limits)]
    mine = own()
    stable = [i for i in fitting if not Version(i.version).is_prerelease]
    return next((i for i in fitting if i.path == mine), next(iter(stable or fitting), None))


def _missing(wanted: str | None, here: list[Interpreter], who: str = "This notebook needs") -> PythonError:
    versions = list(dict.fromkeys(i.version for i in here))
    minor = re.fullmatch(r"==(3\.\d+)\.\*", wanted or "")  # as every lock says it
    there = f"Installed here: {', '.join(versions)}" if versions else "No Python is installed here"
    return PythonError(
        "no-python",
        f"{who} Python {minor[1] if minor else wanted}. {there}.",
        hint="Install such a Python, or choose another: `jupyter envs python NOTEBOOK VERSION`.",
        data={"requires": wanted, "found": versions},
    )
