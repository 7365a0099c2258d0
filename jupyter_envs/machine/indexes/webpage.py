"""One page of an index, within a time and a size that hold for the whole of a look-up."""

from __future__ import annotations

import base64
import contextlib
import http.client
import netrc
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from ...errors import IndexError_
from ...system.folders import user_folder
from . import Index, Indexes

PATIENCE = 10.0
"""Seconds in which nothing comes."""
LARGEST = 16 << 20
"""Bytes of a page."""


class Deadline:
    """Ends every connection that is opened under it when the time is over: whoever sends a byte now and then is never
    silent for long, be it in a handshake, in headers or in a body."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(max(0.0, seconds), self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._cut()

    @property
    def left(self) -> float:
        return max(0.0, self._end - time.monotonic())

    def watch(self, connected: socket.socket) -> None:
        """Another handle of the same connection: what a handshake makes of it takes the first one away."""
        with self._lock:
            self._sockets.append(connected.dup())
        if not self.left:
            self._cut()

    def _cut(self) -> None:
        with self._lock:
            for one in self._sockets:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
            self._sockets.clear()


def get(url: str, accept: str, index: Index, indexes: Indexes, deadline: Deadline) -> tuple[str, bytes] | None:
    """(content type, body); None for 404. Raises IndexError_."""
    request = urllib.request.Request(url, headers={"Accept": accept, "User-Agent": "jupyter-envs"})
    credentials = _credentials(index, indexes)
    if credentials:  # not for whoever the index sends us to
        word = base64.b64encode(":".join(credentials).encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {word}")
    try:
        if not deadline.left:
            raise TimeoutError
        with _opener(indexes, deadline).open(request, timeout=min(PATIENCE, deadline.left)) as answer:
            kind, body = answer.headers.get("Content-Type", ""), answer.read(LARGEST + 1)
    except urllib.error.HTTPError as error:
        error.close()  # it is the answer, too
        if error.code == 404:
            return None
        raise IndexError_("index-refused", f"The index {index.name} answered with status {error.code}.") from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        if _timed_out(error, deadline):
            raise late(index.name) from None
        raise IndexError_(
            "index-unavailable", f"The index {index.name} cannot be reached.", details=indexes.redact(str(error))
        ) from None
    if not deadline.left:  # what was cut off looks like an end
        raise late(index.name)
    if len(body) > LARGEST:
        raise IndexError_("index-garbage", f"The index {index.name} returned more than {LARGEST >> 20} MB.")
    return kind, body


def late(name: str) -> IndexError_:
    return IndexError_("index-timeout", f"The index {name} did not answer in time.")


def _timed_out(error: Exception, deadline: Deadline) -> bool:
    reasons = (error, getattr(error, "reason", None))
    return not deadline.left or any(isinstance(reason, TimeoutError) for reason in reasons)


def _opener(indexes: Indexes, deadline: Deadline) -> urllib.request.OpenerDirector:
    env = {name.lower(): value for name, value in indexes.env.items()}
    every = env.get("all_proxy")
    proxies = {scheme: env.get(f"{scheme}_proxy") or every for scheme in ("http", "https")}
    trust = ssl.create_default_context(cafile=env.get("ssl_cert_file"), capath=env.get("ssl_cert_dir"))
    given = {scheme: proxy for scheme, proxy in proxies.items() if proxy}
    web = (_Http(deadline), _Https(deadline, trust))
    return urllib.request.build_opener(urllib.request.ProxyHandler(given), *web, _NoFiles())


class _Http(urllib.request.HTTPHandler):
    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_watched(http.client.HTTPConnection, self._deadline), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, deadline: Deadline, trust: ssl.SSLContext) -> None:
        super().__init__(context=trust)
        self._deadline = deadline
        self._trust = trust

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_watched(http.client.HTTPSConnection, self._deadline), req, context=self._trust)


def _watched(kind: type[http.client.HTTPConnection], deadline: Deadline) -> Any:
    """Makes connections that are watched from their first byte on: before a handshake, and before a proxy has
    answered."""

    def make(host: str, **options: Any) -> http.client.HTTPConnection:
        connection = kind(host, **options)
        connect = connection._create_connection  # type: ignore[attr-defined]  # kept in the instance to be replaced

        def connected(*args: Any, **more: Any) -> socket.socket:
            made: socket.socket = connect(*args, **more)
            deadline.watch(made)
            return made

        connection._create_connection = connected  # type: ignore[attr-defined]
        return connection

    return make


class _NoFiles(urllib.request.BaseHandler):
    """An index may send us elsewhere, but not to what lies on this machine."""

    def file_open(self, request: urllib.request.Request) -> None:
        raise urllib.error.URLError("not a web address")

    ftp_open = data_open = file_open


def _credentials(index: Index, indexes: Indexes) -> tuple[str, str] | None:
    if index.username or index.password:
        return index.username or "", index.password or ""
    try:
        known = netrc.netrc(indexes.env.get("NETRC") or str(user_folder(indexes.env) / ".netrc"))
    except (OSError, netrc.NetrcParseError):
        return None
    found = known.authenticators(urlsplit(index.url).hostname or "")
    return (found[0], found[2] or "") if found else None
