"""Merges that were left open. Where two sides disagree about metadata, nbdime takes the old value and notes both sides:
the list of packages would be the old one, and the lock that of both. Cells hold both versions, between markers."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import InputError
from ..kernel.foreign import visible
from ..model.block import KEY

SIDES = ("local_diff", "remote_diff")
NAMED = 6
"""Packages of one side that are named."""

MARKERS = tuple(re.compile(f"^{sign}", re.MULTILINE) for sign in ("<<<<<<< ", r"=======\s*$", ">>>>>>> "))
BETWEEN_CELLS = re.compile(r"<span[^>]*><b>(<{7} .*|={7}|>{7} .*)</b></span>")
"""Markdown cells that nbdime puts around cells of which it could not merge two versions."""


def is_unsettled(cell_type: str, source: str) -> bool:
    """Whether a cell has conflict markers, not as part of a text that the cell is about."""
    if cell_type != "code":
        return bool(BETWEEN_CELLS.fullmatch(source))
    if source.startswith("%%"):
        return False
    at = 0
    for marker in MARKERS:
        found = marker.search(source, at)
        if found is None:
            return False
        at = found.end()
    return not _is_python(source)


def _is_python(source: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def check_merged(metadata: Mapping[str, Any], marks: object) -> None:
    """Raises InputError `merge-conflict` if nbdime could not merge the block; other conflicts do not matter here.
    `marks`: what nbdime notes in this metadata."""
    steps = {side: _steps(marks.get(side)) for side in SIDES} if isinstance(marks, Mapping) else {}
    if not any(steps.values()):
        return
    ours, theirs = (_listed(metadata.get(KEY), steps[side]) for side in SIDES)
    sides = f": one side asks for {ours}, the other for {theirs}" if ours and theirs and ours != theirs else ""
    raise InputError(
        "merge-conflict", f"An unfinished merge (nbdime) of this notebook's environment{sides}.",
        hint=f'In the notebook\'s metadata, write the packages that you want into "{KEY}", "dependencies", and delete '
        '"nbdime-conflicts"; then: jupyter envs lock NOTEBOOK',
    )  # fmt: skip


def _steps(diff: object) -> list[Mapping[str, Any]]:
    """What one side did to the block."""
    return [step for step in _entries(diff) if step.get("key") == KEY]


def _entries(diff: object) -> list[Mapping[str, Any]]:
    return [step for step in diff if isinstance(step, Mapping)] if isinstance(diff, list) else []


def _listed(block: object, steps: Sequence[Mapping[str, Any]]) -> str:
    """The packages that one side asks for; "" if that cannot be read."""
    try:
        for step in steps:
            block = step.get("value") if step["op"] in ("add", "replace") else _patched(block, step.get("diff"))
        names = block["dependencies"] if isinstance(block, Mapping) else []
        names = [visible(str(name))[:60] for name in names]
    except (KeyError, TypeError, ValueError, IndexError):
        return ""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _patched(value: Any, diff: object) -> Any:
    """`value` after a diff as nbdime writes it, of which the positions are those of the old value. Raises KeyError,
    TypeError, ValueError, IndexError for what is no such diff."""
    if isinstance(value, Mapping):
        return _patched_object(value, diff)
    if isinstance(value, str):
        lines = value.splitlines(keepends=True)
        return "".join(_patched_list(lines, diff))
    return _patched_list(value, diff)


def _patched_object(value: Mapping[str, Any], diff: object) -> dict[str, Any]:
    result = dict(value)
    for step in _entries(diff):
        key = step["key"]
        if step["op"] == "remove":
            result.pop(key)
        elif step["op"] == "patch":
            result[key] = _patched(result[key], step["diff"])
        else:
            result[key] = step["value"]
    return result


def _patched_list(value: Sequence[Any], diff: object) -> list[Any]:
    result: list[Any] = []
    at = 0
    for step in _entries(diff):
        key = step["key"]
        result += value[at:key]
        at = max(at, key)
        if step["op"] == "addrange":
            result += step["valuelist"]
        elif step["op"] == "removerange":
            at += step["length"]
        else:
            item = value[at]
            # Within a line, positions are those of characters.
            one = isinstance(item, str) and not any(
                isinstance(s.get("valuelist"), list) for s in _entries(step["diff"])
            )
            result.append("".join(_patched_list(item, step["diff"])) if one else _patched(item, step["diff"]))
            at += 1
    return result + list(value[at:])
