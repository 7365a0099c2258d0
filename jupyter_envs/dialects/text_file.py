"""Text files of other tools: read within limits, and refused in a sentence."""

from __future__ import annotations

import codecs
import stat
from pathlib import Path

from ..errors import InputError

MOST = 5 << 20
"""Bytes: the lock of a large project has two million, and a parser of TOML takes a second for five."""
BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def text_of(file: Path, most: int = MOST) -> str:
    """Raises InputError `foreign-file` for what is no text file, or has more than `most` bytes."""
    try:
        # A pipe would be waited for, and a device may never end; what says it is empty may be neither.
        if not stat.S_ISREG(file.stat().st_mode):
            raise InputError("foreign-file", f"{file} is not a regular file.")
        with file.open("rb") as opened:
            data = opened.read(most + 1)
        if len(data) > most:
            raise InputError("foreign-file", f"{file} is larger than {most >> 20} MB.")
        text = data.decode(coding_of(data))
    except UnicodeDecodeError as error:
        raise InputError(
            "foreign-file", f"{file} is not UTF-8 text: byte {error.start} cannot be read.",
            hint="Save the file as UTF-8.",
        ) from None  # fmt: skip
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError("foreign-file", f"{file} cannot be read: {why}.") from None
    if "\0" in text:
        raise InputError("foreign-file", f"{file} is not text: it contains a null byte.")
    return text


def coding_of(data: bytes) -> str:
    """By its mark, or by its zeros."""
    for mark, name in BOMS:
        if data.startswith(mark):
            return name
    start = data[:64]
    if len(start) > 3 and not any(start[1::2]):
        return "utf-16-le"
    return "utf-16-be" if len(start) > 3 and not any(start[::2]) else "utf-8-sig"
