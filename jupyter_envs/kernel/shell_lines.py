"""The lines of pip, uv and conda in cells, as people write them behind `!`: which of them are ours, and which belong to
the shell. Without IPython, so that a notebook's cells can be read where none runs."""

from __future__ import annotations

import re
import sys
from typing import Callable

PYTHON = r"""(?:python3?|py|["']?\{sys\.executable\}["']?)(?:\s+-[BEIPSsu]+)*\s+-m\s+"""
# Plain strings: few kernels ever need them, and compiling them would cost each start a millisecond.
LINE = (
    r"(?s)^!\s*(?:sudo\s+(?:-\w+\s+)*)?(?:"
    + PYTHON
    + r"(?=pip\b|uv\b))?(?P<program>pip(?:3(?:\.\d+)?)?|uv|conda|mamba|micromamba)\s+(?P<words>.*)$"
)
OURS = {
    "pip": r"(?:-[\w-]+\s+)*(?:install|uninstall|list|show|freeze|check|--version)\b|--version\b|-V\b",
    "uv": r"pip\s+(?:install|uninstall|list|show|freeze|check)\b|add\b|remove\b",
    "conda": r"(?:install|remove|uninstall|update|list)\b",
}
# A pipe, a second command, a redirection, an unquoted pattern for files: for the shell.
SHELL = r"[|&;`<>]|\$\(|\\\n|[*?]\S*(?:/|\.(?:whl|zip|gz|txt)\b)|/\S*[*?]"
# `numpy>=2` and `numpy <2,>=1` without quotes mean versions; a shell would write to the file `=2`.
VALUE = r"(?:\d+(?:\.(?:\d\w*|\*))*|\{[^{}]*\}|\$\w+)"
LIMIT = r"(?:[<>]=?|[=!~]=)\s?" + VALUE
LIMITS = (
    r"(?<!\S)(?:[A-Za-z0-9][\w.-]*|\{[^{}]*\}|\$\w+)(?:\[[\w.,-]*\])?\s?"
    + LIMIT
    + r"(?:\s?,\s?"
    + LIMIT
    + r")*(?=[\s;&|)]|$)"
)
QUOTED = r"""'[^']*'|"[^"]*"|\s#.*"""


def taken_over(line: str) -> str | None:
    """`!pip install six` -> `pip install six`, the magic that does it; None for what the shell shall do."""
    text = _ours(line)
    return None if text is None or needs_shell(text) else text


def for_shell(line: str) -> str | None:
    """`!pip install numpy>=2 | tail -1` -> `pip install 'numpy>=2' | tail -1`; None if a shell would not misread it."""
    text = _ours(line)
    if text is None or not needs_shell(text):
        return None
    quoted = quote_limits(line.rstrip()[1:])
    return quoted if quoted != line.rstrip()[1:] else None


def _ours(line: str) -> str | None:
    found = re.match(LINE, line.rstrip())
    if not found:
        return None
    program, words = found.group("program", "words")
    if program.startswith("pip"):
        if program not in ("pip", "pip3", "pip{}.{}".format(*sys.version_info)):
            return None  # another Python's
        program = "pip"
    kind = program if program in OURS else "conda"
    return f"{program} {words}" if re.match(OURS[kind], words) else None


def needs_shell(text: str) -> bool:
    return bool(re.search(SHELL, re.sub(LIMITS, " ", re.sub(QUOTED, " ", text))))


def quote_limits(text: str) -> str:
    """With quotes around requirements in which a shell would see a redirection."""
    return _changed(text, lambda word: f'"{word}"' if "$" in word else f"'{word}'")


def join_limits(text: str) -> str:
    """`numpy >= 2` as one word, as it is meant; `numpy == 2` is as wrong as anywhere."""
    return _changed(text, lambda requirement: requirement)


def _changed(text: str, change: Callable[[str], str]) -> str:
    def changed(found: re.Match[str]) -> str:
        word: str = found.group()
        return change(re.sub(r"\s", "", word)) if "<" in word or ">" in word else word

    pieces = re.split("(" + QUOTED + ")", text)
    pieces[::2] = [re.sub(LIMITS, changed, piece) for piece in pieces[::2]]
    return "".join(pieces)
