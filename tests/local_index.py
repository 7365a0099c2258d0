"""A package index on loopback, with what can go wrong with one."""

from __future__ import annotations

import base64
import html
import json
import re
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import InitVar, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

import trustme
from packaging.utils import canonicalize_name

from .wheels import Dist

Fault = Literal["401", "403", "404", "500", "hang", "truncate", "corrupt", "wrong-hash", "garbage"]
JSON = "application/vnd.pypi.simple.v1+json"
HTML = "text/html; charset=utf-8"


@dataclass
class Listed:
    dist: Dist
    upload_time: str = "2024-01-01T00:00:00Z"
    yanked: str | None = None
    """The reason, "" for none given; None when it is not withdrawn."""


@dataclass
class LocalIndex:
    """Serves `url` (PEP 503, and PEP 691 when `json`) until the `with` ends.

    `credentials` are the user name and password it insists on; `authority` makes it speak TLS; without
    `hashes` it lists none; `metadata` is PEP 658. `faults` maps a regular expression for a path to what happens there
    instead; `hits` are the paths that were asked for, in order."""

    dists: InitVar[Iterable[Dist]] = ()
    credentials: tuple[str, str] | None = None
    authority: trustme.CA | None = None
    hashes: bool = True
    json: bool = True
    metadata: bool = True
    faults: dict[str, Fault] = field(default_factory=dict)
    hits: list[str] = field(default_factory=list)
    listed: dict[str, list[Listed]] = field(default_factory=dict)
    _server: Served | None = None

    def __post_init__(self, dists: Iterable[Dist]) -> None:
        self.add(*dists)

    def add(self, *dists: Dist, upload_time: str = "2024-01-01T00:00:00Z", yanked: str | None = None) -> None:
        for dist in dists:
            self.listed.setdefault(dist.name, []).append(Listed(dist, upload_time, yanked))

    @contextmanager
    def borrowed(self) -> Iterator[LocalIndex]:
        """For one test: what it adds and spoils is gone afterwards."""
        before = {name: [*listed] for name, listed in self.listed.items()}
        self.hits.clear()
        try:
            yield self
        finally:
            self.listed = before
            self.faults.clear()

    def remove(self, name: str, version: str | None = None) -> None:
        self.listed[name] = [x for x in self.listed[name] if version and x.dist.version != version]

    @property
    def port(self) -> int:
        assert self._server
        return self._server.port

    @property
    def url(self) -> str:
        scheme = "https" if self.authority else "http"
        return f"{scheme}://127.0.0.1:{self.port}/simple"

    @property
    def private_url(self) -> str:
        """With the user name and password in it."""
        assert self.credentials
        return self.url.replace("://", "://" + ":".join(self.credentials) + "@")

    def asked_for(self, name: str) -> bool:
        return any(hit.rstrip("/").endswith(f"/simple/{name}") for hit in self.hits)

    def __enter__(self) -> LocalIndex:
        self._server = Served(lambda *words: _IndexHandler(self, *words), self.authority)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server
        self._server.close()

    def released(self) -> threading.Event:
        assert self._server
        return self._server.closing

    # -- what it answers ---------------------------------------------------------------------------------------

    def page(self, name: str, *, as_json: bool) -> bytes | None:
        listed = self.listed.get(name)
        if listed is None:
            return None
        if as_json:
            files = [self._json_file(entry) for entry in listed]
            versions = sorted({entry.dist.version for entry in listed})
            return json.dumps({"meta": {"api-version": "1.1"}, "name": name, "versions": versions, "files": files}).encode()
        return ("<!DOCTYPE html><html><body>" + "".join(map(self._link, listed)) + "</body></html>").encode()

    def file(self, filename: str) -> bytes | None:
        wanted = filename.removesuffix(".metadata")
        for listed in self.listed.values():
            for entry in listed:
                if entry.dist.filename == wanted:
                    return entry.dist.content if wanted == filename else entry.dist.metadata
        return None

    def _json_file(self, entry: Listed) -> dict[str, Any]:
        dist = entry.dist
        about: dict[str, Any] = {"filename": dist.filename, "url": f"../../files/{dist.filename}", "hashes": {}}
        if self.hashes:
            about["hashes"] = {"sha256": dist.sha256}
        about |= {"size": dist.size, "upload-time": entry.upload_time, "requires-python": dist.requires_python}
        about["yanked"] = (entry.yanked or True) if entry.yanked is not None else False
        if self.metadata and dist.filename.endswith(".whl"):
            about["core-metadata"] = True
        return about

    def _link(self, entry: Listed) -> str:
        dist = entry.dist
        target = f"../../files/{dist.filename}" + (f"#sha256={dist.sha256}" if self.hashes else "")
        attributes = f' href="{target}"'
        if dist.requires_python:
            attributes += f' data-requires-python="{html.escape(dist.requires_python)}"'
        if entry.yanked is not None:
            attributes += f' data-yanked="{html.escape(entry.yanked)}"'
        if self.metadata and dist.filename.endswith(".whl"):
            attributes += ' data-core-metadata="true"'
        return f"<a{attributes}>{dist.filename}</a>\n"


class Served:
    """A server in a thread of its own, closed without waiting for whoever still hangs on it."""

    def __init__(self, handler: Callable[..., BaseHTTPRequestHandler], authority: trustme.CA | None = None) -> None:
        self.closing = threading.Event()
        self._http = _Quiet(("127.0.0.1", 0), handler)
        if authority:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self.port = int(self._http.server_address[1])
        self._thread = threading.Thread(target=lambda: self._http.serve_forever(0.05), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up or refuse our certificate are what some tests are about."""


class _IndexHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, index: LocalIndex, *words: Any) -> None:
        self.index = index
        super().__init__(*words)

    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        self.index.hits.append(path)
        fault = next((f for pattern, f in self.index.faults.items() if re.search(pattern, path)), None)
        if fault is None and not self._known():
            fault = "401"
        if fault == "hang":
            self.index.released().wait(300)
            self.close_connection = True
            return
        if fault and fault.isdigit():
            challenge = {"WWW-Authenticate": 'Basic realm="packages"'} if fault == "401" else {}
            self._answer(int(fault), b"no", "text/plain", challenge)
            return
        self._content(path, fault)

    def _content(self, path: str, fault: str | None) -> None:
        body, kind = self._found(path)
        if body is None:
            self._answer(404, b"not found", "text/plain")
        elif fault == "corrupt":
            self._answer(200, body[:-22] + bytes(22), kind)
        elif fault == "wrong-hash":
            self._answer(200, re.sub(rb"[0-9a-f]{64}", b"0" * 64, body), kind)
        elif fault == "garbage":
            self._answer(200, b"{ this is no list of packages", JSON)
        else:
            self._answer(200, body, kind, cut=fault == "truncate")

    def _found(self, path: str) -> tuple[bytes | None, str]:
        as_json = self.index.json and JSON in self.headers.get("Accept", "")
        if match := re.fullmatch(r"/simple/([^/]+)/?", path):
            return self.index.page(canonicalize_name(match[1]), as_json=as_json), JSON if as_json else HTML
        if match := re.fullmatch(r"/files/([^/]+)", path):
            return self.index.file(match[1]), "application/octet-stream"
        return None, HTML

    def _known(self) -> bool:
        if self.index.credentials is None:
            return True
        wanted = base64.b64encode(":".join(self.index.credentials).encode()).decode()
        return self.headers.get("Authorization") == f"Basic {wanted}"

    def _answer(self, code: int, body: bytes, kind: str, more: Mapping[str, str] | None = None, *, cut: bool = False) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        # As PyPI does for files; but what a test adds to a page is there at once.
        forever = self.path.startswith("/files/") and code == 200
        self.send_header("Cache-Control", "max-age=365000000, immutable" if forever else "no-cache")
        for name, value in (more or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True


def wheelhouse(folder: Path, *dists: Dist) -> Path:
    """A folder of wheels, as `find-links` takes it."""
    for dist in dists:
        dist.write(folder)
    return folder

