"""What a cell has not done, although somebody may believe so: another Python's pip has installed something for that
Python, `uv add` has changed the notebook and not the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import Any, Dict, Iterator, Sequence

from . import elsewhere

Json = Dict[str, Any]
SHELL_CELL = r"\s*%%(?:bash|sh|script|system|sx|!)"
LINE = r"\s*(?:\w+\s*=\s*)?(?:!|%(?:sx|system)\s)(.*)"
OTHER = (
    r"(?<![^\s;&|(!\"'])(?P<program>[^\s;&|(!\"'${}]*python[\d.]*)(?:\s+-[A-Za-z]+)*\s+-m\s+pip\s+(?:-\S+\s+)*install\b",
    r"(?<![^\s;&|(!\"'])(?P<program>[^\s;&|(!\"'${}]*/pip[\d.]*|pip\d+\.\d+)\s+(?:-\S+\s+)*install\b",
)
NAMED = (
    r"(?<![^\s;&|(!\"'])(?<!\buv\s)(?P<program>pip[\d.]*|python[\d.]*(?=\s.*-m\s+pip\s))"
    r"\s+(?:-\S+\s+)*(?:pip\s+)?install\b"
)
ACTIVATES = r"(?:^|[\s;&|(\"'])(?:source|\.)\s+(?P<folder>[^\s;&|]+)/activate\b(?P<rest>(?:(?!\bdeactivate\b)[\s\S])*)"
SETS = r"(?:^|[\s;&|(\"'])PATH=(?P<path>\"[^\"]*\"|'[^']*'|[^\s;&|]+)(?P<rest>[\s\S]*)"
EMPTIES = r"\benv\s+(?:-i|-|--ignore-environment)\s+(?P<sets>(?:\w+=\S*\s+)*)(?P<rest>[\s\S]*)"
LOGS_IN = r"(?<![\w-])(?P<shell>(?:ba|z|k|da)?sh)\s+(?P<options>(?:-\S+\s+)*-\w*c)\s(?P<rest>[\s\S]*)"
LOGIN = r"(?:^|\s)(?:--login|-\w*[li]\w*)(?=\s|$)"
"""Of the options of a shell, which then goes through start-up files that put other folders first on PATH."""
SECONDS = 5
"""For these files."""
UV_ADD = r"\s*[!%]\s*uv\s+(?:-\S+\s+)*(?:add|remove)\s"


def remarks(cell: str, environments: Sequence[Json]) -> Iterator[str]:
    """Sentences. `environments`: the notebook's own."""
    for program in dict.fromkeys((*_other_programs(cell), *_found_elsewhere(cell))):
        path = elsewhere.program_at(program)
        if path and not elsewhere.is_own(program, environments):
            yield (
                f"{program} is not this notebook's Python: the notebook does not have what was installed there. "
                "To install for the notebook: %pip install NAME"
            )
    if re.search(UV_ADD, cell, re.MULTILINE) and _project(os.getcwd()):
        yield "This was about the notebook; pyproject.toml has not changed. For the project, in a terminal: uv add"


def _other_programs(cell: str) -> Iterator[str]:
    for line in _lines(cell):
        for pattern in OTHER:
            yield from (found.group("program") for found in re.finditer(pattern, line))


def _lines(cell: str) -> list[str]:
    """What shells are given, without comments."""
    whole = re.match(SHELL_CELL, cell)
    lines = cell.splitlines()[1:] if whole else [m.group(1) for m in re.finditer("(?m)^" + LINE, cell)]
    return [re.sub(r"(^|\s)#.*", "", line) for line in lines]


def _found_elsewhere(cell: str) -> Iterator[str]:
    """Where the `pip` of a line is that looks for it on another PATH than the kernel's."""
    whole = re.match(SHELL_CELL, cell)
    for text in ["\n".join(_lines(cell))] if whole else _lines(cell):
        if not re.search(NAMED, text):
            continue  # no shell is started to ask for its PATH
        for path, rest in _search_paths(text, cell.partition("\n")[0].strip() if whole else ""):
            for named in re.finditer(NAMED, rest):
                found = shutil.which(named.group("program"), path=path)
                if found and not elsewhere.STUBS.search(os.path.dirname(found)):
                    yield found


def _search_paths(text: str, header: str) -> Iterator[tuple[str, str]]:
    """Each with the text that it is for."""
    now = os.environ.get("PATH", os.defpath)
    for found in re.finditer(ACTIVATES, text):
        yield os.pathsep.join([os.path.expanduser(found.group("folder").strip("\"'")), now]), found.group("rest")
    for found in re.finditer(SETS, text):
        yield _expanded(found.group("path")), found.group("rest")
    for found in re.finditer(EMPTIES, text):
        if "PATH=" not in found.group("sets"):
            yield os.defpath, found.group("rest")
    for found in re.finditer(LOGS_IN, text):
        if re.search(LOGIN, found.group("options")):
            yield _path_in(found.group("shell"), found.group("options")), found.group("rest")
    cells_own = re.match(r"%%(?:script\s+)?(\w*sh)\b(.*)", header)
    if cells_own and re.search(LOGIN, cells_own.group(2)):
        yield _path_in(cells_own.group(1), "-lc"), text


def _expanded(path: str) -> str:
    return os.path.expanduser(path[1:-1] if path.startswith("'") else os.path.expandvars(path.strip('"')))


def _path_in(shell: str, options: str) -> str:
    """PATH in a shell after its start-up files; "" if it does not say."""
    command = [shell, *options.split(), 'printf "\\n%s" "$PATH"']
    quiet = subprocess.DEVNULL
    try:
        done = subprocess.run(
            command, stdin=quiet, stdout=subprocess.PIPE, stderr=quiet, timeout=SECONDS, start_new_session=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return os.fsdecode(done.stdout).rpartition("\n")[2]


def _project(folder: str) -> bool:
    """Whether a project is here or above."""
    while not os.path.exists(os.path.join(folder, "pyproject.toml")):
        folder, before = os.path.dirname(folder), folder
        if folder == before:
            return False
    return True
