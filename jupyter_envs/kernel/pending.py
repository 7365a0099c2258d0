"""Where a new block waits until somebody records it in the notebook: `<home>/pending/<digest of its path>.json`.
Kernels of that notebook leave it there; the kernel, the server and `lock --pending` take it away."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from typing import Any, Dict

from .reading import read
from .writing import one_at_a_time, replace

Json = Dict[str, Any]


def pending_file(home: str, notebook: str) -> str:
    name = notebook.encode("utf-8", "surrogateescape")  # file names need not be UTF-8
    return os.path.join(home, "pending", hashlib.sha256(name).hexdigest()[:32] + ".json")


def leave_pending(home: str, notebook: str, before: Json | None, block: Json | None) -> None:
    """Several changes in a row are all based on what the notebook file contains. Raises OSError, including Busy."""
    path = pending_file(home, notebook)
    shown = notebook.encode("utf-8", "backslashreplace").decode("utf-8")
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with one_at_a_time(path, for_certain=True):
        waiting = read(path)
        if waiting.get("block") is not None and waiting.get("block") == before:
            before = waiting.get("before")
        replace(path, json.dumps({"notebook": shown, "before": before, "block": block}).encode("utf-8"))


def drop_pending(path: str | os.PathLike[str], block: object) -> None:
    """This block is recorded. If another block has replaced it in the meantime, that one continues to wait. Never
    raises."""
    with one_at_a_time(path), contextlib.suppress(OSError):
        waiting = read(os.fspath(path))
        if "block" in waiting and waiting["block"] == block:
            os.unlink(path)
