"""`--wait`, not for people: the arguments come on stdin, once they are known (kernel/prewarm.py)."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from importlib import import_module

from ..errors import EnvsError

COMMAND_TIMEOUT = 300.0
"""Seconds after which a command is unlikely to come."""
NEEDED = ("cli.install", "engines.uv.installer", "engines.uv.resolver", "store.finishing", "kernel.orders")


def wait(patience: float = COMMAND_TIMEOUT) -> list[str]:
    """The arguments of the one command that this process is for. Ends the process if none come."""
    from ..kernel.prewarm import UNUSED

    leaving = threading.Timer(patience, os._exit, (UNUSED,))
    leaving.daemon = True
    leaving.start()
    _load()
    line = sys.stdin.buffer.readline()
    leaving.cancel()
    if not line.endswith(b"\n"):
        sys.exit(UNUSED)  # who started us is gone
    words = json.loads(line)
    return [str(word) for word in words]


def _load() -> None:
    """Loads what takes most of the time of a start. It changes nothing, and starts nothing that an install would not
    start."""
    for name in NEEDED:
        import_module(f"jupyter_envs.{name}")
    from ..machine.interpreters import choose
    from ..model.closure import marker_environment, ranks_of
    from ..settings import Settings

    with contextlib.suppress(EnvsError, OSError):  # the command that needs it will report the error
        python = choose(None, Settings.load())
        ranks_of(python)
        marker_environment(python)
