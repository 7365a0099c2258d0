"""Where `machine.kernelspecs` was in 0.1.0: scripts that register the kernel name it so."""

from .machine.kernelspecs import NAME, add, ensure, folders, general, listed, remove

__all__ = ["NAME", "add", "ensure", "folders", "general", "listed", "remove"]
