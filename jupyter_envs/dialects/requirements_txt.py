"""`-r FILE`, as pip reads it, as far as it names packages: an option in it is refused with file and line."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from ..errors import InputError
from .pip_arguments import parse

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 8


def words_of(file: Path, base: Path, *, depth: int = 0) -> list[str]:
    """The requirements of a file and of those that it includes; `base` is where relative paths in it start.

    Raises InputError that says file and line."""
    if depth > MAX_DEPTH:
        raise InputError("requirements-file", f"{file}: includes others too deep, or itself.")
    words: list[str] = []
    for number, line in _lines(_text(file)):
        where = f"{file}:{number}"
        nested = re.fullmatch(r"(?:-r|--requirement)[ =]?\s*(\S.*)", line)
        if nested:
            words += words_of(file.parent / nested[1], base, depth=depth + 1)
        elif line.startswith("-"):
            raise InputError(
                "requirements-option", f"{where}: the option {line.split()[0][:60]} is not taken from a file.",
                hint="Give it on the command line, or take it out of the file.",
            )  # fmt: skip
        else:
            _check(line, base, where)
            words.append(line)
    return words


def _check(line: str, base: Path, where: str) -> None:
    try:
        parse([line], base=base)
    except InputError as error:
        raise InputError(
            error.code, f"{where}: {error.sentence}", hint=error.hint, details=error.details, data=error.data
        ) from None


def _text(file: Path) -> str:
    try:
        # A pipe would be waited for, and a device may never end; what says it is empty may be neither.
        if not stat.S_ISREG(file.stat().st_mode):
            raise InputError("requirements-file", f"{file} is no ordinary file.")
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise InputError("requirements-file", f"{file} is too large to be a list of requirements.")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("requirements-file", f"{file} is not UTF-8 text: byte {error.start} cannot be read.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError("requirements-file", f"{file} cannot be read: {why}.") from None


def _lines(text: str) -> list[tuple[int, str]]:
    """Number and content of each line, comments and continuations undone as pip does."""
    result: list[tuple[int, str]] = []
    begun: tuple[int, str] | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        start, before = begun or (number, "")
        if raw.endswith("\\"):
            begun = (start, before + raw[:-1])
            continue
        begun = None
        line = re.sub(r"(^|\s+)#.*$", "", before + raw).strip()
        if line:
            result.append((start, line))
    if begun and begun[1].strip():
        result.append((begun[0], begun[1].strip()))
    return result
