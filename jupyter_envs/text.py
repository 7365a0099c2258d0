"""Makes text from others (tools, packages, indexes, notebooks) harmless for a terminal, a log and a page.

`plain`, for the output of tools, removes terminal sequences, control characters, characters that turn or hide text
(bidi, zero width) and lone surrogates; what a carriage return was meant to overwrite is overwritten. `one_line`, for
our own sentences, shows all of these as escapes instead: a name that is not shown in full could pass for another.
Markup stays: pages show text as text."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from .kernel.foreign import HIDDEN, visible

LONGEST_LINE = 4000
"""Characters."""
LONGEST_TEXT = 1 << 20
"""Characters. Of a longer text the end is kept, in which tools say what went wrong."""
_ENOUGH = 4 * LONGEST_TEXT
# Compiled when they are needed: our own sentences have none of it.
_SEQUENCE = (
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS, SOS, PM, APC
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI
    r"|\x1b[ -/]*[0-~]?"
)
_COLOUR = r"\x1b\[[0-9;:]*m"
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_ENDS = dict.fromkeys(map(ord, "\x0b\x0c\x85\u2028\u2029"), "\n")


_SECRET = re.compile(
    r"(?:gh[oprsu]_|github_pat_|glpat-|pypi-AgE|hf_|sk-|xox[abprs]-|npm_|AKIA|ASIA)[A-Za-z0-9_=-]{16,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_.-]{10,}"
)
_USER = re.compile(r"(?<=://)(?!git@)[^/\s@]+@")


def holds_secret(text: str) -> bool:
    """Whether it has the shape of a token, or an address with a user name or password."""
    return bool(_SECRET.search(text) or _USER.search(text))


def without_secrets(text: str) -> str:
    """Tokens, and user names and passwords in addresses, become `****`."""
    return _USER.sub("****@", _SECRET.sub("****", text))


def is_text(text: str) -> bool:
    """Whether it can be written as UTF-8: Python keeps other bytes of file names and variables as half characters."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def plain(text: str, *, colours: bool = False) -> str:
    """The text, line by line. With `colours`, those of a terminal stay."""
    text = text[-_ENOUGH:].replace("\r\n", "\n")
    if not text.isascii() or re.search(_CONTROL, text):
        text = _harmless(text.translate(_ENDS), colours)
    if "\r" in text or len(text) > LONGEST_LINE:
        text = "\n".join(_line(line) for line in text.split("\n"))
    return text[-LONGEST_TEXT:]


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """A sentence of ours that contains foreign text: one line, in which everything is visible. Of a longer text the
    beginning and the end are kept: they say where it is, and what is wrong with it."""
    line = visible(text)
    end = longest // 4
    return line if len(line) <= longest else f"{line[: longest - end - 1]}…{line[-end:]}"


def throughout(value: Any) -> Any:
    """JSON with every text in it made plain, including keys."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {plain(key) if isinstance(key, str) else key: throughout(item) for key, item in value.items()}
    return [throughout(item) for item in value] if isinstance(value, (list, tuple)) else value


def _harmless(text: str, colours: bool) -> str:
    kept = re.findall(_COLOUR, text) if colours else []
    pieces = re.split(_COLOUR, text) if colours else [text]
    cleaned = ["".join(filter(_visible, re.sub(_SEQUENCE, "", piece))) for piece in pieces]
    return cleaned[0] + "".join(colour + piece for colour, piece in zip(kept, cleaned[1:], strict=True))


def _visible(character: str) -> bool:
    return character in "\n\r\t" or unicodedata.category(character) not in HIDDEN


def _line(line: str) -> str:
    line = next((part for part in reversed(line.split("\r")) if part), "")
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"
