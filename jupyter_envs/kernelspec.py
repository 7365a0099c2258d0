"""The place of `machine.kernelspecs` in 0.1.0: scripts that register the kernel still import it from here."""

from .machine.kernelspecs import add, ensure, folders, general, listed, remove
from .model.kernelspec import NAME

__all__ = ["NAME", "add", "ensure", "folders", "general", "listed", "remove"]
