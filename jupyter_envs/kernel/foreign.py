"""Text that somebody else wrote (names of files, packages, kernels), on its way to a terminal, a cell's output or a
shell.

One way to print it, `visible`, and one way to quote it, `quoted`: everything that we say goes through the first, and
every word of somebody else's in a command that we tell people to type through the second."""

from __future__ import annotations

import os
import re
import shlex
import unicodedata

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that move, turn or end a line, or cannot be seen."""
SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
PLAIN_WORD = re.compile(r"[\w+=:./\\-]+", re.ASCII)


def visible(text: str) -> str:
    """The text as one line that says what it is: `a\\x1b[2J.ipynb`, `\\u202efdp.ipynb`. Stays as it is when done
    twice."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(c) if unicodedata.category(c) in HIDDEN else c for c in text)


def visible_lines(text: str) -> str:
    return "\n".join(map(visible, text.split("\n")))


def _escape(character: str) -> str:
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:  # a byte of a file's name that is no UTF-8
        number -= 0xDC00
    long = f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
    return SHORT.get(character) or (f"\\x{number:02x}" if number < 0x100 else long)


def quoted(word: str, windows: bool = os.name == "nt") -> str:
    """One word of a command that is pasted into a shell: the shell interprets nothing in it, and all of it is
    visible."""
    if word.startswith("-"):
        word = "./" + word  # a file whose name looks like an option
    if windows:
        return word if PLAIN_WORD.fullmatch(word) else _windows(word)
    return shlex.quote(word) if visible(word) == word else _bytes(word)


def _bytes(word: str) -> str:
    """`$'…'`, as bash, zsh and ksh read it: hidden characters as bytes of three octal digits, so that the end of each
    is clear."""
    pieces = []
    for character in word:
        if character in "\\'":
            pieces.append("\\" + character)
        elif visible(character) == character:
            pieces.append(character)
        else:
            how = "surrogateescape" if "\udc80" <= character <= "\udcff" else "surrogatepass"
            pieces.append("".join(f"\\{byte:03o}" for byte in character.encode("utf-8", how)))
    return "$'{}'".format("".join(pieces))


def _windows(word: str) -> str:
    """In double quotes, which both shells understand; the backquotes are PowerShell's, and cmd does not find such a
    file."""
    return '"{}"'.format(re.sub('([`$"\u201c\u201d\u201e])', r"`\1", visible(word)))
