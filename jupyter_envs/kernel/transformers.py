"""Old habits in cells: `!pip install`, `!uv pip`, `!conda install`, `!python -m pip`. And pitfalls of a magic whose
name has a hyphen: `%env-install?`, and `env-install six`, which `%env` would take for a variable."""

from __future__ import annotations

import re
import sys
import tokenize
from typing import Any, Callable

from IPython.core.inputtransformer2 import (
    TokenTransformBase,
    assemble_continued_line,
    find_end_of_continued_line,
)

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
HELP = r"^(\s*)%?(env-[a-z]+)(\?\??)\s*$"
PLAIN = r"(?s)^(\s*)(env-(?:install|remove|upgrade|status|build|undo|export))([ \t]+[^\s=(].*)$"
NO_STATEMENT = {tokenize.INDENT, tokenize.DEDENT, tokenize.NL, tokenize.COMMENT}


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


class OldHabits(TokenTransformBase):
    """By tokens, at the start of a statement: never in a string, a comment or the body of a cell magic."""

    priority = 5  # before IPython's own treatment of `!`

    @classmethod
    def find(cls, tokens_by_line: list[list[Any]]) -> OldHabits | None:
        for tokens in tokens_by_line:
            first = next((token for token in tokens if token.type not in NO_STATEMENT), None)
            line = first.line[first.start[1] :] if first is not None and first.string == "!" else ""
            if first is not None and line and (taken_over(line) or for_shell(line)):
                return cls(first.start)
        return None

    def transform(self, lines: list[str]) -> list[str]:
        start, column = self.start_line, self.start_col
        end = find_end_of_continued_line(lines, start)
        text = assemble_continued_line(lines, (start, column), end)
        magic, _, words = (taken_over(text) or "").partition(" ")
        call = f"get_ipython().run_line_magic({magic!r}, {words.strip()!r})\n"
        if not magic:
            call = f"get_ipython().system({for_shell(text) or text[1:].strip()!r})\n"
        return [*lines[:start], lines[start][:column] + call, *lines[end + 1 :]]


def hyphens(lines: list[str]) -> list[str]:
    """Cells of one line only: `%env-install?` asks for help, `env-install six` is the magic without `%`.

    `env-install` alone stays a subtraction."""
    if len([line for line in lines if line.strip()]) != 1:
        return lines
    return [_hyphens(line) if "env-" in line else line for line in lines]


def _hyphens(line: str) -> str:
    return re.sub(PLAIN, r"\1%\2\3", re.sub(HELP, r"\1\3%\2\n", line))


def register(shell: Any) -> None:
    transformer = shell.input_transformer_manager
    transformer.cleanup_transforms.append(hyphens)
    transformer.token_transformers.insert(0, OldHabits)
