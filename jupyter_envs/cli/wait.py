"""`--wait`, not for people: the words come on stdin, when somebody knows them (kernel/prewarm.py)."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from importlib import import_module

from ..errors import EnvsError

PATIENCE = 300.0
"""Seconds after which a command is unlikely to come."""
NEEDED = ("cli.install", "engines.uv.installer", "engines.uv.resolver", "store.finishing", "kernel.orders")


def wait(patience: float = PATIENCE) -> list[str]:
    """The words of the one command that this process is for. Ends it where none come."""
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
    """What takes most of a start; it looks around, changes nothing and starts nothing that an install would not."""
    for name in NEEDED:
        import_module(f"jupyter_envs.{name}")
    from ..machine.interpreters import choose
    from ..model.closure import marker_environment, ranks_of
    from ..settings import Settings

    with contextlib.suppress(EnvsError, OSError):  # whoever needs it is told what is the matter
        python = choose(None, Settings.load())
        ranks_of(python)
        marker_environment(python)
