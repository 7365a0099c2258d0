"""A forward proxy on loopback, for http and, by CONNECT, for https. It records what it was asked for."""

from __future__ import annotations

import base64
import select
import socket
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.error import HTTPError

from .local_index import Served


@dataclass
class LocalProxy:
    """`seen` holds `GET http://…` and `CONNECT host:port` lines; `credentials` are what it insists on."""

    credentials: tuple[str, str] | None = None
    seen: list[str] = field(default_factory=list)
    _server: Served | None = None

    @property
    def url(self) -> str:
        assert self._server
        user = ":".join(self.credentials) + "@" if self.credentials else ""
        return f"http://{user}127.0.0.1:{self._server.port}"

    def __enter__(self) -> LocalProxy:
        self._server = Served(lambda *words: _ProxyHandler(self, *words))
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server
        self._server.close()


class _ProxyHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, proxy: LocalProxy, *words: Any) -> None:
        self.proxy = proxy
        super().__init__(*words)

    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        if not self._admitted():
            return
        kept = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "proxy-authorization", "connection")}
        request = urllib.request.Request(self.path, headers=kept, method=self.command)
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=30) as answer:
                self._pass_on(answer.status, dict(answer.headers), answer.read())
        except HTTPError as error:
            self._pass_on(error.code, dict(error.headers), error.read())

    def do_CONNECT(self) -> None:
        self.close_connection = True
        if not self._admitted():
            return
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=30) as there:
            self.send_response(200, "Connection established")
            self.end_headers()
            _join(self.connection, there)

    def _admitted(self) -> bool:
        self.proxy.seen.append(f"{self.command} {self.path}")
        if self.proxy.credentials is None:
            return True
        wanted = "Basic " + base64.b64encode(":".join(self.proxy.credentials).encode()).decode()
        if self.headers.get("Proxy-Authorization") == wanted:
            return True
        self._pass_on(407, {"Proxy-Authenticate": 'Basic realm="proxy"'}, b"no")
        return False

    def _pass_on(self, code: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(code)
        for name, value in headers.items():
            if name.lower() not in ("connection", "content-length", "date", "server", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _join(one: socket.socket, other: socket.socket) -> None:
    """Bytes both ways until either side ends."""
    while True:
        ready, _, _ = select.select([one, other], [], [], 30)
        if not ready:
            return
        for source in ready:
            data = source.recv(1 << 16)
            if not data:
                return
            (other if source is one else one).sendall(data)
