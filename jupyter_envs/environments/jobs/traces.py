"""The traces that a job leaves: its process and its journal."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from ...kernel.reading import part
from ...kernel.trees import end_tree
from .request import Line

LONGEST_END = 8 * 1024 * 1024
"""Bytes; the last line of a journal holds a whole block, which is at most half of this."""


def detached() -> dict[str, Any]:
    """In its own process group: Ctrl-C in a server's terminal is not meant for its jobs."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


KILL = int(getattr(signal, "SIGKILL", signal.SIGTERM))


def signal_group(pid: int, order: int) -> None:
    """KILL ends what has left the group as well, as tools do that a job has started. On Windows nobody is asked."""
    if order == KILL:
        end_tree(pid)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform != "win32":
            os.killpg(pid, order)


def process_start(pid: int) -> float | None:
    """When the process with this pid started, or None when there is none; a zombie counts as none."""
    import psutil  # only where a job is started or outlived its starter

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else round(process.create_time(), 1)
    except psutil.Error:
        return None


def line_of(text: bytes) -> Line | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and isinstance(value.get("event"), str) else None


def last_event(journal: Path) -> str:
    lines = _end(journal, LONGEST_END).splitlines()
    last = line_of(lines[-1]) if lines else None
    return last["event"] if last else ""


def end_of(file: Path, limit: int) -> str:
    return _end(file, limit).decode("utf-8", "replace")


def _end(file: Path, limit: int) -> bytes:
    try:
        return part(file, -limit, limit)
    except OSError:
        return b""
