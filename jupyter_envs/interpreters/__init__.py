"""Which Pythons exist here, by absolute path. Never a shim: those answer for versions that are not there."""

from .choice import choose, listed
from .discovery import OLDEST, discover
from .interpreter import Interpreter, signature

__all__ = ["OLDEST", "Interpreter", "choose", "discover", "listed", "signature"]
