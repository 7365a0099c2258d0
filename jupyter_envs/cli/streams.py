"""stdin, stdout and stderr, if they are closed or lead to a full disk."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TextIO

STREAMS = (("stdin", "r", os.O_RDONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY))
"""What is opened in place of a closed one. Writing to this stdout still fails: a result that nobody gets is not a
success."""


def open_closed() -> None:
    """The next file to be opened would get the number of a closed stream, and our output would be written into it."""
    for number, (name, mode, flags) in enumerate(STREAMS):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, flags), True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115  # as long as we live


def silence(stream: TextIO) -> None:
    """Nobody reads this output any more; Python must not complain about that at exit."""
    with contextlib.suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())
        os.close(nothing)


class Forgiving(io.TextIOBase):
    """Progress, notes, errors: if nobody receives them, the work continues."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError:
            silence(self._stream)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            silence(self._stream)

    def isatty(self) -> bool:
        return self._stream.isatty()
