"""Pages of indexes, within a limit of time and size for the whole look-up."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from netrc import NetrcParseError, netrc
from typing import Any, TypeVar
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # typeshed forgot it

import httpx

from ...errors import IndexError_
from ...system.folders import user_folder
from ...system.threads import in_thread
from . import Index, Indexes

READ_TIMEOUT = 10.0
"""Seconds without any data."""
LARGEST_PAGE = 16 << 20
"""Bytes for one page."""
MANNERS = {"User-Agent": "jupyter-envs", "Accept-Encoding": "identity"}
"""What is packed may be a thousand times as large."""
T = TypeVar("T")


@dataclass(frozen=True)
class Web:
    """For one look-up, which ends at the time `end` of its loop."""

    indexes: Indexes
    end: float
    _client: httpx.AsyncClient

    async def get(self, url: str, accept: str, index: Index) -> tuple[str, bytes] | None:
        """(content type, body); None for 404. Raises IndexError_."""
        left = self.end - asyncio.get_running_loop().time()
        try:  # ends what sends a byte now and then, and is never silent for long: a handshake, headers, a body
            return await asyncio.wait_for(self._page(url, accept, index), left)
        except (TimeoutError, asyncio.TimeoutError, httpx.TimeoutException):  # two before Python 3.11
            raise IndexError_("index-timeout", f"The index {index.name} did not answer in time.") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise _unavailable(index.name, self.indexes.redact(str(error))) from None

    async def _page(self, url: str, accept: str, index: Index) -> tuple[str, bytes] | None:
        auth = _credentials(index, self.indexes)
        async with self._client.stream("GET", url, headers={"Accept": accept}, auth=auth) as answer:
            if answer.status_code == 404:
                return None
            if not answer.is_success:
                raise IndexError_("index-refused", f"The index {index.name} answered with status {answer.status_code}.")
            body = bytearray()
            async for piece in answer.aiter_raw():
                body += piece
                if len(body) > LARGEST_PAGE:
                    raise IndexError_(
                        "index-garbage", f"The index {index.name} returned more than {LARGEST_PAGE >> 20} MB."
                    )
            return answer.headers.get("Content-Type", ""), bytes(body)


@asynccontextmanager
async def web_for(indexes: Indexes, seconds: float) -> AsyncIterator[Web]:
    """Raises IndexError_ if the configuration does not lead anywhere."""
    end = asyncio.get_running_loop().time() + seconds
    env = {name.lower(): value for name, value in indexes.env.items()}
    try:
        trust = ssl.create_default_context(cafile=env.get("ssl_cert_file"), capath=env.get("ssl_cert_dir"))
        ways = _Ways(env, trust)
    except (OSError, ValueError, httpx.InvalidURL) as error:
        raise _unavailable(None, indexes.redact(str(error))) from None
    client = httpx.AsyncClient(
        transport=ways, trust_env=False, follow_redirects=True, timeout=READ_TIMEOUT, headers=MANNERS
    )
    async with client:
        yield Web(indexes, end, client)


def run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """In a loop of this thread's own, which does not wait for a name server once the time is over."""
    loop = _Loop()
    try:
        return loop.run_until_complete(work())
    finally:
        for connection in loop.made:  # httpcore leaves one open if the time is over during its handshake
            connection.abort()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        super().__init__()
        self.made: list[asyncio.Transport] = []

    async def getaddrinfo(self, *words: Any, **options: Any) -> Any:
        return await in_thread(lambda: socket.getaddrinfo(*words, **options))

    async def create_connection(self, *words: Any, **options: Any) -> Any:
        transport, protocol = await super().create_connection(*words, **options)
        self.made.append(transport)
        return transport, protocol


class _Ways(httpx.AsyncBaseTransport):
    """Through the proxy that uv uses for a scheme, except for the hosts of NO_PROXY. Never to files."""

    def __init__(self, env: Mapping[str, str], trust: ssl.SSLContext) -> None:
        self._without = env.get("no_proxy", "")
        self._direct = httpx.AsyncHTTPTransport(verify=trust)
        every = env.get("all_proxy")
        proxies = {scheme: env.get(f"{scheme}_proxy") or every for scheme in ("http", "https")}
        self._proxied = {
            scheme: httpx.AsyncHTTPTransport(verify=trust, proxy=proxy if "://" in proxy else f"http://{proxy}")
            for scheme, proxy in proxies.items()
            if proxy
        }

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        near = proxy_bypass_environment(request.url.netloc.decode("ascii"), {"no": self._without})
        way = None if near else self._proxied.get(request.url.scheme)
        return await (way or self._direct).handle_async_request(request)

    async def aclose(self) -> None:
        for way in (self._direct, *self._proxied.values()):
            await way.aclose()


def _unavailable(index: str | None, details: str) -> IndexError_:
    who = f"The index {index}" if index else "No index"
    return IndexError_("index-unavailable", f"{who} {'cannot' if index else 'can'} be reached.", details=details)


def _credentials(index: Index, indexes: Indexes) -> httpx.Auth | None:
    """For this index; httpx does not send them to another host that the index redirects us to."""
    if index.username or index.password:
        return httpx.BasicAuth(index.username or "", index.password or "")
    try:
        return _NetrcAuth(indexes.env.get("NETRC") or str(user_folder(indexes.env) / ".netrc"))
    except (OSError, ValueError, NetrcParseError):
        return None


class _NetrcAuth(httpx.Auth):
    """By the host that is asked. httpx.NetRCAuth sends nothing without a password, and some indexes want a token as the
    name alone."""

    def __init__(self, file: str) -> None:
        self._known = netrc(file)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        name, _, password = self._known.authenticators(request.url.host) or ("", None, None)
        if name or password:
            yield from httpx.BasicAuth(name, password or "").auth_flow(request)
        else:
            yield request
