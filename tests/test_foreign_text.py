"""What indexes, packages and tools say reaches nobody's terminal, journal or page with anything but text in it."""

from __future__ import annotations

import io
import json

import pytest

from jupyter_envs.cli.progress import Journal, Lines, Moving
from jupyter_envs.engines.uv.complaints import explain_error
from jupyter_envs.model.progress import Report
from jupyter_envs.server.journal import fold

from .local_index import LocalIndex
from .test_cli import Cli, cli, made, signals  # noqa: F401  # fixtures
from .wheels import wheel

HOSTILE = "a\x1b]0;owned\x07\x1b[2J\x9b31m\u202eb\u200bc\rd\ne"
SHOWN = r"a\x1b]0;owned\x07\x1b[2J\x9b31m\u202eb\u200bc\rd\ne"
YANKED = "\x1b]0;owned\x07broken <img src=x onerror=alert(1)>\u202e\x1b[31m"


def plain(text: str) -> bool:
    return all(c.isprintable() or c in "\n\t" for c in text)


@pytest.mark.parametrize("kind", [Journal, Lines, Moving])
def test_progress_and_notes(kind: type[Report]) -> None:
    stream = io.StringIO()
    report = kind(stream)  # type: ignore[call-arg]
    report.phase("build", HOSTILE)
    report.progress(1, 2, HOSTILE)
    report.note(HOSTILE)
    said = stream.getvalue().replace("\r\x1b[K", "")
    assert plain(said)
    assert SHOWN in ([json.loads(line)["text"] for line in said.splitlines()] if kind is Journal else said)


def test_a_journal_that_somebody_else_wrote() -> None:
    lines = [
        {"event": "phase", "phase": "build", "text": HOSTILE},
        {"event": "note", "text": HOSTILE},
        {
            "event": "failed",
            "error": {"code": "x", "sentence": HOSTILE, "details": HOSTILE, "data": {HOSTILE: [HOSTILE]}},
        },
    ]
    told = fold(lines)
    assert told.error and plain(json.dumps([told.error, told.notes], ensure_ascii=False))
    assert "owned" not in str(told)


def test_what_uv_says() -> None:
    error = explain_error(f"error: {HOSTILE}\nhint: {YANKED}\n" + "x" * 10_000, 1)
    assert plain(error.sentence) and plain(error.details) and "owned" not in error.details
    assert max(map(len, error.details.splitlines())) <= 4000


def test_the_reason_why_a_version_was_withdrawn(cli: Cli, index: LocalIndex, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    index.add(wheel("gone", "1.0"), yanked=YANKED)
    notebook = made(tmp_path / "a.ipynb", "1")
    said = cli("install", notebook, "gone", "--verbose")
    assert said.code == 1 and plain(said.err) and "owned" not in said.err
    told = cli("install", notebook, "gone", "--json").json["error"]
    assert plain(json.dumps(told, ensure_ascii=False)), told
