"""Which Pythons exist here, by absolute path. Never a shim: shims also answer for versions that are not installed."""

from ...model.interpreter import Interpreter, is_version, signature
from . import fetched
from .choice import choose, fits, list_interpreters
from .discovery import OLDEST, discover, interpreter_in

__all__ = [
    "OLDEST",
    "Interpreter",
    "choose",
    "discover",
    "fetched",
    "fits",
    "interpreter_in",
    "is_version",
    "list_interpreters",
    "signature",
]
