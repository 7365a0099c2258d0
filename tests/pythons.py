"""A mirror of Pythons for uv, on this machine: what it gives is made out of a Python that is here."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import sys
import sysconfig
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from jupyter_envs.machine.interpreters import Interpreter, candidates, fetched, interpreter_in
from jupyter_envs.settings import Settings

RELEASE = "20260101"
THEIRS = f"https://github.com/astral-sh/python-build-standalone/releases/download/{RELEASE}/"
"""What uv puts the mirror in place of."""
LEFT_OUT = re.compile(
    r"(__pycache__|tests?|(site|dist)-packages|idlelib|tkinter|ensurepip|lib2to3|turtledemo|config-.*)"
)
ARCH = {"arm64": "aarch64", "amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
OS, LIBC = ("darwin", "none") if sys.platform == "darwin" else ("linux", "gnu")


HIDDEN = Path(__file__).with_name("hidden")
"""For PYTHONPATH."""


@cache
def ours() -> Interpreter:
    """The Python that runs the tests."""
    found = interpreter_in(candidates.own().parent.parent)
    assert found
    return found


def packed(python: Interpreter, archive: Path) -> Path:
    """`python/bin`, `python/lib`, as those have it that uv fetches; without what no kernel needs."""
    minor = python.minor
    stdlib = next(
        p
        for p in (python.path.parent.parent / "lib" / f"python{minor}", Path(sysconfig.get_path("stdlib")))
        if p.is_dir()
    )
    with tarfile.open(archive, "w:gz", compresslevel=1) as file:
        file.add(python.path, f"python/bin/python{minor}")
        for name in ("python3", "python"):
            file.addfile(_made(f"python/bin/{name}", tarfile.SYMTYPE, f"python{minor}"))
        file.add(stdlib, f"python/lib/python{minor}", filter=_wanted)
        file.addfile(_made(f"python/lib/python{minor}/site-packages", tarfile.DIRTYPE))
        for library in sorted(stdlib.parent.glob(f"libpython{minor}*.so*")):
            file.add(library, f"python/lib/{library.name}")
    return archive


def _wanted(info: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if LEFT_OUT.fullmatch(info.name.rpartition("/")[2]) else info


def _made(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, target, 0o755
    return info


@dataclass
class Mirror:
    """`folder` holds archives, and the list of them that uv reads; uv knows nothing else once `use` was called."""

    folder: Path
    rows: dict[str, object] = field(default_factory=dict)

    def add(self, archive: Path, version: str, sha256: str | None = None) -> None:
        """`sha256`: one that is not the archive's."""
        here = self.folder / RELEASE / archive.name
        here.parent.mkdir(parents=True, exist_ok=True)
        if not here.exists():
            here.symlink_to(archive)
        major, minor, patch = map(int, version.split("."))
        self.rows[f"cpython-{version}-{OS}-{ARCH}-{LIBC}"] = {
            "name": "cpython", "arch": {"family": ARCH, "variant": None}, "os": OS, "libc": LIBC,
            "major": major, "minor": minor, "patch": patch, "prerelease": "", "variant": None, "build": RELEASE,
            "url": THEIRS + archive.name,
            "sha256": sha256 or hashlib.sha256(archive.read_bytes()).hexdigest(),
        }  # fmt: skip
        self._list.write_text(json.dumps(self.rows))

    def use(self, monkeypatch: pytest.MonkeyPatch, url: str | None = None) -> None:
        """`url`: where the archives are, if not in the folder."""
        monkeypatch.setenv("UV_PYTHON_DOWNLOADS_JSON_URL", self._list.as_uri())
        monkeypatch.setenv("UV_PYTHON_INSTALL_MIRROR", url or self.folder.as_uri())

    @property
    def _list(self) -> Path:
        return self.folder / "list.json"

    @property
    def source(self) -> str:
        """As a question names it."""
        return str(self.folder / RELEASE)


def hide_all_but_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process sees no Python but those that were fetched."""

    def left(settings: Settings) -> Iterator[candidates.Candidate]:
        for prefix in fetched.prefixes(settings):
            yield from ((path, "uv") for path in candidates.in_prefix(prefix))

    monkeypatch.setattr(candidates, "_all", left)


@contextmanager
def stuck(archive: Path) -> Iterator[tuple[str, threading.Event]]:
    """A mirror that begins to give what it is asked for, and never ends: its URL, and whether it was asked."""
    asked, over = threading.Event(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "100000000")
            self.end_headers()
            self.wfile.write(archive.read_bytes()[:200_000])
            self.wfile.flush()
            asked.set()
            over.wait(60)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()
