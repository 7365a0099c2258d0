"""Which Pythons exist here, by absolute path. Never a shim: shims also answer for versions that are not installed."""

from ...model.interpreter import Interpreter, is_version, signature
from . import fetched
from .choice import choose, fits, list_interpreters
from .discovery import OLDEST, discover, interpreter_in
from .naming import at_path, is_path

__all__ = [
    "OLDEST",
    "Interpreter",
    "at_path",
    "choose",
    "discover",
    "fetched",
    "fits",
    "interpreter_in",
    "is_path",
    "is_version",
    "list_interpreters",
    "signature",
]
