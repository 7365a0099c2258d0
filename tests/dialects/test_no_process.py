"""Reading a file of another tool starts no process, opens no connection, writes nothing, and opens no file elsewhere:
whatever stands in the file and beside it. Python itself tells each of these. For each format in PATTERNS, also for those
that come later."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.dialects.table import beside, dialect_of
from jupyter_envs.errors import InputError

from .samples import BY_NAME, NAMES, text_of

ACTS = (
    "subprocess.", "os.system", "os.exec", "os.spawn", "os.posix_spawn", "os.fork", "os.startfile", "pty.", "socket.",
    "urllib.", "http.", "ftplib.", "smtplib.", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.link",
    "os.symlink", "os.truncate", "os.utime", "shutil.", "tempfile.", "sqlite3.", "ctypes.dlopen", "webbrowser.", "os.putenv",
)  # fmt: skip
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
TRAPS = {
    "setup.py": "raise SystemExit('ran')\n",
    "build_backend.py": "raise SystemExit('ran')\n",
    "conftest.py": "raise SystemExit('ran')\n",
    "tomllib.py": "raise SystemExit('ran')\n",
    "yaml.py": "raise SystemExit('ran')\n",
    "postBuild": "#!/bin/sh\ntouch ran\n",
    ".env": "PIP_INDEX_URL=https://evil.example/simple\n",
    "pip.conf": "[global]\nindex-url = https://evil.example/simple\n",
    "uv.toml": "[[index]]\nurl = 'https://evil.example/simple'\n",
}
LIBRARIES = {os.path.realpath(place) for place in (sys.prefix, sys.base_prefix, *sys.path) if place}

_watched: list[tuple[str, tuple[Any, ...]]] | None = None


def _watch(event: str, words: tuple[Any, ...]) -> None:
    if _watched is not None and (event == "open" or event.startswith(ACTS)):
        _watched.append((event, words))


sys.addaudithook(_watch)


@contextmanager
def watching() -> Iterator[list[tuple[str, tuple[Any, ...]]]]:
    global _watched
    _watched = []
    try:
        yield _watched
    finally:
        _watched = None


def _is_write(words: tuple[Any, ...]) -> bool:
    _, mode, flags = words
    return bool(set(mode or "") & set("wax+")) or bool((flags or 0) & WRITES)


def _is_ours(path: object, folder: Path) -> bool:
    if not isinstance(path, str | bytes | os.PathLike):
        return True  # of a file that is open already
    place = os.path.realpath(os.fsdecode(path))
    return place.startswith(tuple(own.rstrip(os.sep) + os.sep for own in (*LIBRARIES, str(folder))))


def acts_in(seen: list[tuple[str, tuple[Any, ...]]], folder: Path) -> list[tuple[str, tuple[Any, ...]]]:
    """Without imports, which open files of libraries and write what they have compiled."""
    return [
        (event, words)
        for event, words in seen
        if event != "open"
        or not _is_ours(words[0], folder)
        or (_is_write(words) and "__pycache__" not in str(words[0]))
    ]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With traps for whoever runs or imports something in it."""
    for name, text in TRAPS.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.chdir(tmp_path)
    return Path(os.path.realpath(tmp_path))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "truncated"])
def test_a_reader_only_reads(folder: Path, name: str, whole: bool) -> None:
    text = text_of(name)
    for other, content in BY_NAME.items():
        (folder / other).write_text(content)
    (folder / name).write_text(text if whole else text[: len(text) * 2 // 3])
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    with watching() as seen:
        try:
            dialect_of(folder / name).read(folder / name, ())
        except InputError:
            assert not whole or name not in BY_NAME, f"{name} is a sample of this format, and was not read"
    assert seen, "nothing was seen, not even that the file was opened"
    assert acts_in(seen, folder) == []
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_looking_what_there_is_only_looks(folder: Path) -> None:
    for other, content in BY_NAME.items():
        (folder / other).write_text(content)
    with watching() as seen:
        assert [*beside(folder)]
    assert acts_in(seen, folder) == []


def test_whoever_acts_is_seen(tmp_path: Path) -> None:
    """Otherwise the tests above would say nothing."""
    import socket
    import subprocess

    with watching() as seen:
        subprocess.run([sys.executable, "-c", ""], check=True)
        (tmp_path / "x").write_text("x")
        with socket.socket() as made:
            made.connect_ex(("127.0.0.1", 9))
        (Path(__file__).parents[2] / "README.md").read_bytes()
    events = {event for event, _ in acts_in(seen, tmp_path)}
    assert {"subprocess.Popen", "open", "socket.connect"} <= events
