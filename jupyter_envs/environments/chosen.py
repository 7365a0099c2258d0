"""Which Python of this machine a lock is for, where it is another one than a lock of that version gets: somebody chose
it. It stays chosen on this machine; a notebook has no path."""

from __future__ import annotations

from msgspec.structs import replace

from ..errors import PythonError
from ..machine import interpreters
from ..machine.interpreters import Interpreter
from ..machine.interpreters.naming import at_path
from ..model.lock import Lock
from ..settings import Settings
from ..system import kept

MOST = 500
"""Locks; the oldest are forgotten."""


def chosen_for(lock: Lock, requires: str | None, settings: Settings) -> Interpreter:
    """Raises PythonError."""
    limits = lock.python_limits(requires)
    file = settings.chosen_pythons
    known = (kept.recalled(file, dict[str, str]) or {}) if file.exists() else {}
    path = known.get(lock.digest) if known else None
    if path:
        try:
            found = at_path(path, settings)
            if interpreters.fits(found, limits):
                return found
        except PythonError:
            pass  # it is gone
    return interpreters.choose(limits, settings)


def remember(lock: Lock, interpreter: Interpreter, settings: Settings) -> None:
    """What the lock was made for."""
    unasked = replace(settings, python=None)  # --python counts for this command alone
    try:
        usual = interpreters.choose(lock.requires_python, unasked).path == interpreter.path
    except PythonError:
        usual = False
    file = settings.chosen_pythons
    if usual and not file.exists():
        return

    def with_it(known: dict[str, str] | None) -> dict[str, str]:
        others = [(digest, path) for digest, path in (known or {}).items() if digest != lock.digest]
        return dict([*others, *([] if usual else [(lock.digest, str(interpreter.path))])][-MOST:])

    kept.change(file, dict[str, str], with_it)
