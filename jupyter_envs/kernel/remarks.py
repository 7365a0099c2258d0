"""What a cell has not done, although somebody may believe so: another Python's pip has installed something for that
Python, `uv add` has changed the notebook and not the project."""

from __future__ import annotations

import os
import re
from typing import Any, Dict, Iterator, Sequence

from . import elsewhere

Json = Dict[str, Any]
SHELL_CELL = r"\s*%%(?:bash|sh|script|system|sx|!)"
LINE = r"\s*(?:\w+\s*=\s*)?(?:!|%(?:sx|system)\s)(.*)"
OTHER = (
    r"(?<![^\s;&|(!\"'])(?P<program>[^\s;&|(!\"'${}]*python[\d.]*)(?:\s+-[A-Za-z]+)*\s+-m\s+pip\s+(?:-\S+\s+)*install\b",
    r"(?<![^\s;&|(!\"'])(?P<program>[^\s;&|(!\"'${}]*/pip[\d.]*|pip\d+\.\d+)\s+(?:-\S+\s+)*install\b",
)
UV_ADD = r"\s*[!%]\s*uv\s+(?:-\S+\s+)*(?:add|remove)\s"


def remarks(cell: str, environments: Sequence[Json]) -> Iterator[str]:
    """Sentences. `environments`: the notebook's own."""
    for program in dict.fromkeys(_other_programs(cell)):
        path = elsewhere.program_at(program)
        if path and not elsewhere.is_own(program, environments):
            yield (
                f"{program} is not this notebook's Python: the notebook does not have what was installed there. "
                "To install for the notebook: %pip install NAME"
            )
    if re.search(UV_ADD, cell, re.MULTILINE) and _project(os.getcwd()):
        yield "This was about the notebook; pyproject.toml has not changed. For the project, in a terminal: uv add"


def _other_programs(cell: str) -> Iterator[str]:
    whole = re.match(SHELL_CELL, cell)
    lines = cell.splitlines()[1:] if whole else [m.group(1) for m in re.finditer("(?m)^" + LINE, cell)]
    for line in lines:
        for pattern in OTHER:
            yield from (found.group("program") for found in re.finditer(pattern, re.sub(r"(^|\s)#.*", "", line)))


def _project(folder: str) -> bool:
    """Whether a project is here or above."""
    while not os.path.exists(os.path.join(folder, "pyproject.toml")):
        folder, before = os.path.dirname(folder), folder
        if folder == before:
            return False
    return True
