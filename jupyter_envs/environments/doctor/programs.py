"""The programs that everything is based on."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator

from ... import __version__
from ...kernel.amounts import count, size
from ...machine import interpreters
from ...machine.interpreters import fetched
from ...settings import Settings
from ...system.removal import bytes_of
from ..here import Here
from .finding import Finding


def versions() -> Iterator[Finding]:
    python = f"Python {platform.python_version()} ({sys.executable})"
    yield Finding("fine", "version", f"jupyter-envs {__version__}, {python}, {platform.platform()}.")


def uv(here: Here) -> Iterator[Finding]:
    """Raises InstallError if it is missing, too old or broken."""
    with here.engine() as engine:
        said = engine.run(["--version"], with_indexes=False).stdout.split()
        yield Finding("fine", "uv", f"{' '.join(said[1:2])} ({engine.program}).")


def pythons(settings: Settings) -> Iterator[Finding]:
    found = interpreters.list_interpreters(settings)
    versions = ", ".join(dict.fromkeys(python.version for python, _ in found))
    chosen = next((python for python, default in found if default), None)
    if chosen:
        yield Finding(
            "fine", "Python", f"{versions}; notebooks that do not ask for one get {chosen.version} ({chosen.path})."
        )
    elif settings.python:
        hint = f"Set JUPYTER_ENVS_PYTHON to one of these, not to {settings.python}."
        yield Finding(
            "wrong",
            "Python",
            f"The Python that the settings ask for is not installed. Installed here: {versions or 'none'}.",
            hint,
        )
    else:
        yield Finding("wrong", "Python", "No Python on this machine can run notebooks.", "Install a Python.")


def fetched_pythons(here: Here) -> Iterator[Finding]:
    """What was downloaded for notebooks, and whether they still need it."""
    used = [environment.python.resolve() for environment in here.store.list(usable=False)]
    for prefix in fetched.prefixes(here.settings):
        place = prefix.parent
        users = sum(path.is_relative_to(prefix.resolve()) for path in used)
        by = f"used by {count(users, 'environment')}" if users else "not used by any environment"
        told = f"Python {place.name.rpartition('-')[0]}, {size(bytes_of(place))} in {place}, {by}."
        yield Finding("fine", "fetched", told, "" if users else "Delete the folder if you need the disk space.")
