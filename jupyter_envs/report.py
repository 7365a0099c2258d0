"""Progress, passed into the core as an object whose base class does nothing."""

from __future__ import annotations

from collections.abc import Mapping

Changed = Mapping[str, tuple[str | None, str | None]]
"""Package name -> (version before, version after); None where it was or will be absent."""


class Report:
    def phase(self, phase: str, text: str) -> None:
        """`phase` is one of resolve, download, build, install, verify, publish."""

    def progress(self, done: int, total: int, text: str = "") -> None:
        """`done` of `total` packages."""

    def plan(self, changed: Changed) -> None:
        """What will change, known before anything is installed."""

    def note(self, text: str) -> None:
        """Something the user should know, in one sentence."""

    @property
    def cancelled(self) -> bool:
        return False


SILENT = Report()
