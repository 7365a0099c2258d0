"""Progress reports, passed into the core as an object whose base class does nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Changed = Mapping[str, tuple[str | None, str | None]]
"""Package name -> (version before, version after); None if it was not installed before, or will not be after."""


class Report:
    def phase(self, phase: str, text: str) -> None:
        """`phase` is one of python, resolve, download, build, install, verify, publish."""

    def progress(self, done: int, total: int, text: str = "", fetched: tuple[int, int] = (0, 0)) -> None:
        """`done` of `total` packages; bytes `fetched`, and of how many, if that is known."""

    def plan(self, changed: Changed) -> None:
        """What will change, known before anything is installed."""

    def note(self, text: str) -> None:
        """Something the user should know, in one sentence."""

    @property
    def cancelled(self) -> bool:
        return False


SILENT = Report()


class Relay(Report):
    """Passes everything on, and keeps the notes for the result."""

    def __init__(self, inner: Report, keep: Callable[[str], None]) -> None:
        self.inner = inner
        self.keep = keep

    def phase(self, phase: str, text: str) -> None:
        self.inner.phase(phase, text)

    def progress(self, done: int, total: int, text: str = "", fetched: tuple[int, int] = (0, 0)) -> None:
        self.inner.progress(done, total, text, fetched)

    def plan(self, changed: Changed) -> None:
        self.inner.plan(changed)

    def note(self, text: str) -> None:
        self.keep(text)
        self.inner.note(text)

    @property
    def cancelled(self) -> bool:
        return self.inner.cancelled
