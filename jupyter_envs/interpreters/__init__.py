"""Which Pythons exist here, by absolute path. Never a shim: those answer for versions that are not there."""

from . import fetched
from .choice import choose, listed
from .discovery import OLDEST, discover, interpreter_in
from .interpreter import Interpreter, is_version, signature

__all__ = [
    "OLDEST",
    "Interpreter",
    "choose",
    "discover",
    "fetched",
    "interpreter_in",
    "is_version",
    "listed",
    "signature",
]
