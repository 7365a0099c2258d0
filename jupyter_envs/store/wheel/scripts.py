"""Commands in an environment's `bin`: kept in the store with the shebang `#!python`, and written again for each
environment."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from ...engines.installed import COMMANDS
from ...errors import InstallError
from ...model.environment import python_of

PLACEHOLDER = b"#!python"
LONGEST_SHEBANG = 127
"""How many bytes of a shebang Linux reads."""
_SHELL = re.compile(rb"\A#!/bin/sh\n'''exec' [^\n]*\n' '''\n")
_PYTHON = re.compile(rb"\A#!(?:[^\n]*/)?python[^\n]*\n")
TAKEN = re.compile(r"(?:(python|pip|pydoc)[\d.]*[tw]*|(uv)x?)(?:\.exe)?", re.IGNORECASE)
"""Names that only the packages with that name may bring."""
_FOLDERS = tuple(folder.casefold() for folder in COMMANDS)


def refuse_shadow(package: str, path: str, *, python: bool = False) -> None:
    """Raises InstallError `wheel-shadow` for a command that would replace a tool of the environment, perhaps on a disk
    that is not case-sensitive. `python`: this package brings the environment's Python."""
    folder, _, command = path.partition("/")
    taken = TAKEN.fullmatch(command) if f"{folder}/".casefold() in _FOLDERS else None
    tool = (taken[1] or taken[2]).lower() if taken else package
    if tool != package and not (python and tool in ("python", "pydoc")):
        raise InstallError(
            "wheel-shadow", f"{package} installs a command called {command}, which would replace the real one.",
            hint="Do not install it; tell the owner of the index.",
        )  # fmt: skip


def entry_points(info: Path) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each command that a distribution's entry points name."""
    try:
        text = (info / "entry_points.txt").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return
    from installer.scripts import (  # here, since most environments are made of wheels known already
        InvalidScript,
        Script,
    )
    from installer.utils import parse_entrypoints

    try:
        for name, module, attribute, section in parse_entrypoints(text):
            yield Script(name, module, attribute, section).generate("python", "posix")
    except (ValueError, AssertionError, InvalidScript) as error:
        raise InstallError(
            "file-corrupt", f"{info.name} has entry points that cannot be read.", details=repr(error)
        ) from None


def neutral(content: bytes, python: Path) -> bytes:
    """A script as its wheel holds it, for one that an installer wrote for `python`."""
    if shell := _SHELL.match(content):
        return PLACEHOLDER + b"\n" + content[shell.end() :]
    first = _PYTHON.match(content)
    if first and os.fsencode(python.parent) in first[0]:
        return PLACEHOLDER + b"\n" + content[first.end() :]
    return content


def written_for(prefix: Path, content: bytes) -> bytes:
    """A script with `#!python` in its first line, for the environment at `prefix`."""
    rest = content.partition(b"\n")[2]
    python = python_of(prefix)
    line = b"#!" + os.fsencode(python)
    if len(line) > LONGEST_SHEBANG or b" " in line or (sys.platform == "darwin" and len(line) > 510):
        quoted = os.fsencode(shlex.quote(str(python)))
        return b"#!/bin/sh\n'''exec' " + quoted + b' "$0" "$@"\n' + b"' '''\n" + rest
    return line + b"\n" + rest
