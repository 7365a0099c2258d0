"""Old habits in cells: `!pip install`, `!uv pip`, `!conda install`, `!python -m pip`. And pitfalls of a magic whose
name has a hyphen: `%env-install?`, and `env-install six`, which `%env` would take for a variable."""

from __future__ import annotations

import re
import tokenize
from typing import Any

from IPython.core.inputtransformer2 import (
    TokenTransformBase,
    assemble_continued_line,
    find_end_of_continued_line,
)

from .shell_lines import for_shell, taken_over

HELP = r"^(\s*)%?(env-[a-z]+)(\?\??)\s*$"
PLAIN = r"(?s)^(\s*)(env-(?:install|remove|upgrade|status|build|undo|export))([ \t]+[^\s=(].*)$"
NO_STATEMENT = {tokenize.INDENT, tokenize.DEDENT, tokenize.NL, tokenize.COMMENT}


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
