"""Where a new block waits until somebody records it in the notebook: `<home>/pending/<digest of its path>.json`.
Kernels of that notebook leave it there; the kernel, the server and `lock --pending` take it away. If the notebook has
another path by then, the block from which the change was made says which one it is."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from typing import Any, Dict

from .foreign import quoted
from .reading import read
from .writing import one_at_a_time, replace

Json = Dict[str, Any]
BEHIND = "behind"
"""In the file of a change: another one, that was made from something else, and waits until this one is recorded."""
TOLD = ("/history", "/outputs", "/lock/spec", "/lock/created-by")
"""What a block tells of itself: it differs wherever something else does."""


def pending_file(home: str, notebook: str) -> str:
    name = notebook.encode("utf-8", "surrogateescape")  # file names need not be UTF-8
    return os.path.join(home, "pending", hashlib.sha256(name).hexdigest()[:32] + ".json")


def leave_pending(
    home: str, notebook: str, before: Json | None, block: Json | None, *, keep: bool = False
) -> list[str] | None:
    """Several changes in a row are all based on what the notebook file contains. Returns what the change that this one
    replaces had added; None if it replaces none, is based on it, or does all that it did. `keep`: that one waits behind
    it. Raises OSError, including Busy."""
    path = pending_file(home, notebook)
    shown = notebook.encode("utf-8", "backslashreplace").decode("utf-8")
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with one_at_a_time(path, for_certain=True):
        waiting = read(path)
        based = waiting.get("block") is not None and waiting.get("block") == before
        if based:
            before = waiting.get("before")
        kept = [*_declared(block), *_declared(waiting.get("before"))]
        replaced = [text for text in _declared(waiting.get("block")) if text not in kept]
        lost = waiting.get("block") is not None and not based and not _contains(block, waiting)
        behind = waiting if keep and lost else waiting.get(BEHIND)
        content = {"notebook": shown, "before": before, "block": block, **({BEHIND: behind} if behind else {})}
        replace(path, json.dumps(content).encode("utf-8"))
    return replaced if lost else None


def _declared(block: object) -> list[str]:
    found = block.get("dependencies") if isinstance(block, dict) else None
    return [str(text) for text in found] if isinstance(found, list) else []


def _contains(block: Json | None, waiting: Json) -> bool:
    """Whether a block has all that this change has added, and nothing of what it has taken away: packages of the list
    and of the lock, a Python, an index, and whatever else a block says."""
    before, after, now = _parts(waiting.get("before")), _parts(waiting.get("block")), _parts(block)
    return after - before <= now and not (before - after) & now


def _parts(value: object, place: str = "") -> set[tuple[str, str]]:
    """(where, what) for all that a block asks for or pins; without what tells how it came about."""
    if isinstance(value, dict):
        return {part for key in value for part in _parts(value[key], f"{place}/{key}") if f"{place}/{key}" not in TOLD}
    if isinstance(value, list):
        return {(place, json.dumps(item, sort_keys=True)) for item in value}
    return set() if value is None else {(place, json.dumps(value))}


def what_waits(home: str, notebook: str) -> Json:
    """The whole file; {} if there is none. Never raises."""
    return read(pending_file(home, notebook))


def take_pending(home: str, notebook: str, before: Json | None, earlier: Json | None = None) -> Json | None:
    """The block that was made from this one, which the caller records. `earlier`: what waited before, which goes on
    waiting. Never raises."""
    path, earlier = pending_file(home, notebook), earlier or {}
    with one_at_a_time(path), contextlib.suppress(OSError):
        waiting = read(path)
        block = waiting.get("block")
        if isinstance(block, dict) and waiting.get("before") == before and block != earlier.get("block"):
            _go_on(path, {BEHIND: earlier} if earlier else waiting)
            return block
    return None


def _go_on(path: str | os.PathLike[str], done: Json) -> None:
    """What waits behind a change that is recorded comes next. Raises OSError."""
    behind = done.get(BEHIND)
    if isinstance(behind, dict):
        replace(os.fspath(path), json.dumps(behind).encode("utf-8"))
    else:
        os.unlink(path)


def how_to_record(notebook: str) -> str:
    """With a command that works: the kernel is not told that a notebook was renamed, and it may be write-protected."""
    if not os.path.exists(notebook):
        name = os.path.basename(notebook)
        return f"To record it (in {name}, whatever its name is now): jupyter envs lock NOTEBOOK --pending"
    if not (os.access(notebook, os.W_OK) and os.access(os.path.dirname(notebook), os.W_OK)):
        return "It cannot be changed here. To record it in a copy: jupyter envs lock COPY --pending"
    return f"To record it: jupyter envs lock {quoted(notebook)} --pending"


def fitting(home: str, notebook: str, block: Json | None) -> list[str]:
    """Files of changes that were made from this block for a notebook elsewhere: it was renamed or moved, or, if it is
    still there, this one is a copy of it. Only the best: gone from the same folder, gone from elsewhere, still there.
    Many notebooks have no block: for these, only one that is gone, from the same folder or with the same name. Never
    raises."""
    found = []
    for path in _all(home):
        waiting = read(path)
        other = waiting.get("notebook")
        if not isinstance(other, str) or waiting.get("block") is None or waiting.get("before") != block:
            continue
        gone, here = _is_gone(other), os.path.dirname(other) == os.path.dirname(notebook)
        near = here or os.path.basename(other) == os.path.basename(notebook)
        if block is not None or (gone and near):
            found.append((not gone, not here, path))
    return [path for *rank, path in found if rank == [*min(found)[:2]]]


def recorded(home: str, block: Json) -> list[str]:
    """Files of changes that this block already contains, made for notebooks that have another path by now. Never
    raises."""
    found = [(path, read(path)) for path in _all(home)]
    return [path for path, waiting in found if waiting.get("block") == block and _is_gone(waiting.get("notebook"))]


def _is_gone(notebook: object) -> bool:
    return isinstance(notebook, str) and not os.path.lexists(notebook)


def _all(home: str) -> list[str]:
    folder = os.path.join(home, "pending")
    with contextlib.suppress(OSError):
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".json")]
    return []


def drop_pending(path: str | os.PathLike[str], block: object) -> None:
    """This block is recorded. If another block has replaced it in the meantime, that one continues to wait. Never
    raises."""
    with one_at_a_time(path), contextlib.suppress(OSError):
        waiting = read(os.fspath(path))
        if "block" in waiting and waiting["block"] == block:
            _go_on(path, waiting)
