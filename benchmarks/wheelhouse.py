"""A package index on this machine, so that the network's speed is no part of a figure."""

from __future__ import annotations

import hashlib
import re
import subprocess
import threading
import urllib.parse
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from packaging.utils import parse_wheel_filename

from .rivals import Pip


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""

    def end_headers(self) -> None:
        if self.path.startswith("/files/"):
            self.send_header("Cache-Control", "max-age=365000000, immutable")
        super().end_headers()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The URL of an index of what `written` has put there."""
    with _Server(("127.0.0.1", 0), partial(_Handler, directory=str(folder))) as server:
        threading.Thread(target=lambda: server.serve_forever(0.05), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/simple"
        finally:
            server.shutdown()


def downloaded(pip: Pip, folder: Path) -> None:
    """Every wheel that is locked, into an index in `folder`. Once: what is there stays."""
    names = set(re.findall(r"(?m)^([\w.-]+)==", pip.locked.read_text("utf-8")))
    if names <= {path.name for path in (folder / "simple").glob("*")}:
        return
    words: list[str | Path] = [
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--require-hashes",
        "-r",
        pip.locked,
    ]
    argv: list[str | Path] = [pip.python, "-m", "pip", *words, "-d", folder / "files"]
    subprocess.run(argv, check=True)
    index(folder)


def index(folder: Path) -> None:
    """Pages (PEP 503) of all wheels in `folder/files`, with their metadata beside them (PEP 658)."""
    for wheel in sorted((folder / "files").glob("*.whl")):
        name = parse_wheel_filename(wheel.name)[0]
        with zipfile.ZipFile(wheel) as archive:
            path = next(path for path in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", path))
            wheel.with_name(f"{wheel.name}.metadata").write_bytes(archive.read(path))
        page = folder / "simple" / name / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
        link = f"../../files/{urllib.parse.quote(wheel.name)}#sha256={sha256}"
        page.write_text(
            f'<!DOCTYPE html><a href="{link}" data-core-metadata="true">{wheel.name}</a>\n', encoding="utf-8"
        )
