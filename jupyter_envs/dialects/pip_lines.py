"""Splits a requirements file as pip does: into lines without comments and continuations, and their options."""

from __future__ import annotations

import codecs
import re
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from ..errors import InputError
from .text_file import BOMS, coding_of

MAX_BYTES = 1024 * 1024
SHORT = {"-r": "--requirement", "-c": "--constraint", "-e": "--editable", "-i": "--index-url", "-f": "--find-links"}
SHORT |= {"-C": "--config-settings"}
EDITABLE_IF = re.compile(r"""(?:-e|--editable(?:\s|=))\s*([^\s"'][^;]*;.*)""")
"""The quotes in a condition belong to it."""
SAID = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
COMMENT = re.compile(r"(?:^|\s)#")
OPTION = re.compile(r"(?:^|\s)(?=-)")
LONGEST_LINE = 1 << 16
"""Characters of a line with its continuations: as many as hundreds of hashes have."""
CODINGS = {
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "ascii",
    *(f"iso8859-{number}" for number in range(1, 17)), *(f"cp125{number}" for number in range(9)), "cp437", "cp850",
    "koi8-r", "koi8-u", "mac-roman", "big5", "cp932", "cp949", "cp950", "euc_jp", "euc_kr", "gb18030", "gb2312", "gbk",
    "shift_jis",
}  # fmt: skip
"""Those of text. Python has others, some of which take minutes for a long file."""
MARKS = tuple(mark for mark, _ in BOMS)


def text_of(file: Path) -> str:
    """Raises InputError `requirements-file`."""
    try:
        # A pipe would be waited for, and a device may never end; what says it is empty may be neither.
        if not stat.S_ISREG(file.stat().st_mode):
            raise InputError("requirements-file", f"{file} is not a regular file.")
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise InputError("requirements-file", f"{file} is too large to be a list of requirements.")
        coding = _coding(data)
        if codecs.lookup(coding).name not in CODINGS:
            raise LookupError(f"{coding} is not a coding of text")
        return data.decode(coding)
    except LookupError as error:
        raise InputError(
            "requirements-file", f"{file} cannot be read: {error}.", hint="Save the file as UTF-8."
        ) from None
    except UnicodeDecodeError as error:
        raise InputError(
            "requirements-file", f"{file} is not UTF-8 text: byte {error.start} cannot be read.",
            hint="Save the file as UTF-8.",
        ) from None  # fmt: skip
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError("requirements-file", f"{file} cannot be read: {why}.") from None


def _coding(data: bytes) -> str:
    """By its mark, by what its first two lines say, as in pip, or by its zeros."""
    for line in () if data.startswith(MARKS) else data.split(b"\n", 2)[:2]:
        if found := SAID.match(line):
            return found[1].decode("ascii")
    return coding_of(data)


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Number and content of each line. A comment ends a continuation, as in pip: `# via` is below the hashes."""
    start, begun = 0, ""
    for number, raw in enumerate(text.splitlines(), 1):
        start = start or number
        comment = raw.lstrip().startswith("#")
        if raw.endswith("\\") and not comment:
            begun += raw[:-1]
            continue
        line = _without_comment(begun if comment else begun + raw)
        if line:
            yield start, line
        start, begun = 0, ""
    if line := _without_comment(begun):
        yield start, line


def _without_comment(line: str) -> str:
    found = COMMENT.search(line)
    return (line[: found.start()] if found else line).strip()


def requirement_and_options(line: str) -> tuple[str, list[tuple[str, str]]]:
    """`six==1.16.0 --hash=sha256:…` -> what is before the first option, and the options after it."""
    found = OPTION.search(line)
    return (line[: found.start()].strip(), options_of(line[found.end() :])) if found else (line.strip(), [])


def options_of(text: str) -> list[tuple[str, str]]:
    """`-i URL --pre` -> ("--index-url", "URL"), ("--pre", ""). A value may contain spaces. Raises ValueError for an
    open quotation mark."""
    if conditional := EDITABLE_IF.fullmatch(text):
        return [("--editable", conditional[1])]
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split, lexer.escape, lexer.commenters = True, "", ""  # a backslash may be part of a path
    found: list[tuple[str, list[str]]] = []
    for word in lexer:
        if not word.startswith("-") and found:
            found[-1][1].append(word)
        elif word[1:2] == "-":
            option, _, value = word.partition("=")
            found.append((option, [value]))
        else:
            found.append((SHORT.get(word[:2], word), [word[2:].lstrip("=") if word[:2] in SHORT else ""]))
    return [(option, " ".join(words).lstrip()) for option, words in found]
