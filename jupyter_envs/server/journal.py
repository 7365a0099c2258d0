"""The content of a job's journal, combined into the answer that REST gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..text import throughout
from ..wire.jobs import JobState, Progress


@dataclass
class JournalSummary:
    """`state` is what the journal alone says: `running` until its last line, whether or not the process lives."""

    state: JobState = "running"
    progress: Progress | None = None
    changed: dict[str, Any] | None = None
    notes: list[str] = field(default_factory=list)
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None

    def take(self, line: dict[str, Any]) -> None:
        """Ignores lines that only a newer version knows. Whoever wrote the file, its texts are made plain."""
        line = line if line.get("event") == "done" else throughout(line)
        match line.get("event"):
            case "phase":
                self.progress = _progress(line)
            case "progress":
                self.progress = _progress(line, self.progress)
            case "plan":
                self.changed = line.get("changed")
            case "note":
                self.notes.append(str(line.get("text", "")))
            case "done":
                self._end("done")
                result = line.get("result")
                self.result = result if isinstance(result, dict) else {}
                self.changed = self.result.get("changed", self.changed)
                self.notes = throughout(self.result.get("notes", self.notes))
            case "failed":
                self._end("failed")
                error = line.get("error")
                self.error = error if isinstance(error, dict) else None
            case "cancelled":
                self._end("cancelled")
            case _:
                pass

    def _end(self, state: JobState) -> None:
        self.state = state
        self.progress = None


def fold(lines: Iterable[dict[str, Any]]) -> JournalSummary:
    told = JournalSummary()
    for line in lines:
        told.take(line)
    return told


def _progress(line: dict[str, Any], before: Progress | None = None) -> Progress:
    """A `progress` line without text keeps the text of its phase."""
    return Progress(
        phase=line.get("phase") or (before.phase if before else ""),
        text=line.get("text") or (before.text if before else ""),
        done=line.get("done") or 0,
        total=line.get("total") or 0,
        fetched=line.get("fetched") or (0, 0),
    )
