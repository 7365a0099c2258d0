"""Progress: a moving line on a terminal, plain lines elsewhere, JSON lines for programs."""

from __future__ import annotations

import json
from typing import Any, TextIO

from ..kernel.pace import Pace
from ..model.progress import Changed, Report
from ..text import one_line


class Journal(Report):
    """Each line is written at once, since somebody follows it."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._phase = ""

    def _line(self, **value: Any) -> None:
        print(json.dumps(value), file=self.stream, flush=True)

    def phase(self, phase: str, text: str) -> None:
        self._phase = phase
        self._line(event="phase", phase=phase, text=one_line(text))

    def progress(self, done: int, total: int, text: str = "", fetched: tuple[int, int] = (0, 0)) -> None:
        self._line(
            event="progress", phase=self._phase, done=done, total=total, text=one_line(text), fetched=list(fetched)
        )

    def plan(self, changed: Changed) -> None:
        self._line(event="plan", changed={name: list(pair) for name, pair in changed.items()})

    def note(self, text: str) -> None:
        self._line(event="note", text=one_line(text))


class Notes(Report):
    """For `--quiet`, which hides neither errors nor what was not done as it was typed."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def note(self, text: str) -> None:
        print(one_line(text), file=self.stream, flush=True)


class Lines(Notes):
    """For log files: one line for each phase, without counting."""

    _last = ""

    def phase(self, phase: str, text: str) -> None:
        if text != self._last:
            self._last = text
            print(one_line(text), file=self.stream, flush=True)


class Moving(Report):
    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._phase = ""
        self._text = ""
        self._pace = Pace()

    def phase(self, phase: str, text: str) -> None:
        self._phase, self._text = phase, text
        self._show(text)

    def progress(self, done: int, total: int, text: str = "", fetched: tuple[int, int] = (0, 0)) -> None:
        words = text or self._text
        count = f"{done}/{total}" if total else ""
        self._show("  ".join(filter(None, (words, count, self._pace.words(self._phase, *fetched)))))

    def note(self, text: str) -> None:
        self.clear()
        print(one_line(text), file=self.stream, flush=True)

    def clear(self) -> None:
        self.stream.write("\r\x1b[K")
        self.stream.flush()

    def _show(self, text: str) -> None:
        import shutil  # here, since it costs 3 ms, and programs and log files have no width

        # What packages say of themselves must not move the cursor elsewhere.
        self.stream.write("\r\x1b[K" + one_line(text)[: shutil.get_terminal_size().columns - 1])
        self.stream.flush()
