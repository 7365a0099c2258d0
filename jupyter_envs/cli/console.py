"""The output: for people, as one JSON value (`--json`), or as a journal of JSON lines (`--journal -`)."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Sequence
from typing import Any, TextIO, cast

from ..errors import EnvsError
from ..model.progress import Report
from ..text import one_line
from .progress import Journal, Lines, Moving, Notes
from .streams import Forgiving, silence


class Console:
    """`stdout` carries results, `stderr` progress, notes, questions and errors."""

    def __init__(self, *, json: bool = False, journal: bool = False, stderr: TextIO | None = None) -> None:
        self.json = json
        self.journal = journal
        self.quiet = self.verbose = False
        self.notebook: str | None = None
        """The notebook of the command, as people can type it."""
        self.stdin, self.stdout = sys.stdin, sys.stdout
        self.stderr = stderr or cast("TextIO", Forgiving(sys.stderr))
        self.report = self._report()

    @classmethod
    def for_words(cls, words: Sequence[str]) -> Console:
        """Decided before the arguments are parsed, since a usage error must be printed in the right form too."""
        words = words[: words.index("--")] if "--" in words else words  # what is behind is somebody else's
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(AttributeError, ValueError):
                stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # not on a replaced stream
        return cls(json="--json" in words, journal="--journal" in words)

    def say_as_asked(self, *, quiet: bool, verbose: bool) -> None:
        """What the arguments say, once they are parsed."""
        self.quiet, self.verbose = quiet, verbose
        self.report = self._report()

    def _report(self) -> Report:
        if self.journal:
            return Journal(self.stdout)
        if self.json:
            return Report()
        if self.quiet:
            return Notes(self.stderr)
        return Moving(self.stderr) if self.stderr.isatty() and os.environ.get("TERM") != "dumb" else Lines(self.stderr)

    def done(self, result: dict[str, Any], lines: Sequence[str], script: str = "", *, kept: bool = False) -> int:
        """The end of a verb: `result` for programs, `lines` for people, `script` for a shell that runs it. `kept`: the
        work was done, whether or not the result can be printed. Otherwise the output is all that was asked for, and if
        it is lost this raises EnvsError `not-told`, or BrokenPipeError."""
        self.rest()
        try:
            self._end(result, lines, script)
        except (EnvsError, BrokenPipeError):
            if not kept:
                raise
            silence(self.stdout)
            print("Done, but the result could not be printed.", file=self.stderr)
        return 0

    def _end(self, result: dict[str, Any], lines: Sequence[str], script: str) -> None:
        if self.journal:
            self._write({"event": "done", "result": result})
        elif self.json:
            self._write(result)
        elif not self.quiet:
            for line in lines:
                self.say(line)
            if script:
                self._print(script)

    def failed(self, error: EnvsError) -> int:
        self.rest()
        with contextlib.suppress(BrokenPipeError, EnvsError):
            if self.journal:
                cancelled = error.code == "cancelled"
                self._write({"event": "cancelled"} if cancelled else {"event": "failed", "error": error.to_dict()})
            elif self.json:
                self._write({"error": error.to_dict()})
        if not self.journal:
            self._complain(error)
        return error.exit_code

    def _complain(self, error: EnvsError) -> None:
        from ..kernel.asking import ways  # here: most commands do what they should

        print(f"error[{error.code}]: {error.sentence}", file=self.stderr)
        for line in ways(error.to_dict(), self.notebook, magics=False) or filter(None, [error.hint]):
            print(f"hint: {one_line(line)}", file=self.stderr)
        if error.details and (self.verbose or error.code in ("internal", "cell-failed")):
            print(self._plain(error.details.rstrip()), file=self.stderr)
        elif error.details:
            print("`--verbose` shows the details.", file=self.stderr)

    def _plain(self, text: str) -> str:
        """Colours are kept only on a terminal."""
        return text if self.stderr.isatty() else re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)

    def say(self, line: str) -> None:
        self._print(one_line(line))

    def _print(self, text: str) -> None:
        """Raises EnvsError `not-told`, and BrokenPipeError if the reader has closed the output."""
        try:
            print(text, file=self.stdout, flush=True)
        except BrokenPipeError:
            raise
        except OSError as error:
            silence(self.stdout)
            raise EnvsError("not-told", f"The result could not be printed: {error.strerror}.") from None

    def asks(self) -> bool:
        """Whether somebody is there to answer a question."""
        programs = self.json or self.journal
        return not programs and self.stdin.isatty() and self.stderr.isatty()

    def ask(self, question: str) -> bool:
        """Only a clear yes counts as yes. The question itself says how to answer."""
        self.rest()
        print(one_line(question), end="", file=self.stderr, flush=True)
        return self.stdin.readline().strip().lower() in ("y", "yes")

    def lost(self) -> int:
        """Nobody reads our output any more."""
        silence(self.stdout)
        return 130

    def _write(self, value: dict[str, Any]) -> None:
        self._print(json.dumps(value))

    def rest(self) -> None:
        """Removes a moving line, since somebody else writes now."""
        if isinstance(self.report, Moving):
            self.report.clear()
