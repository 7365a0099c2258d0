"""How pages of an index are asked for: by which way, with whose word, and what is believed of them."""

from __future__ import annotations

import base64
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import trustme

from jupyter_envs.errors import IndexError_
from jupyter_envs.machine.indexes import load
from jupyter_envs.machine.indexes.package_details import opinion
from jupyter_envs.settings import Settings
from jupyter_envs.wire.packages import Opinion

from .local_index import LocalIndex, Served
from .wheels import wheel

ME = ("me", "sesame")
BASIC = "Basic " + base64.b64encode(":".join(ME).encode()).decode()
JSON = "application/vnd.pypi.simple.v1+json"
TIME = 30.0
Look = Callable[..., Opinion]


@pytest.fixture
def look(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Look:
    def looked(url: str, seconds: float = TIME) -> Opinion:
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"here={url}")
        return opinion(load(settings), "demo", "1.0", None, seconds)

    return looked


class Web:
    """Answers by path; `asked` are the paths, and what was in `Authorization`."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, str | None]] = []
        self._served = Served(lambda *words: _Handler(self, *words))
        self.place = f"127.0.0.1:{self._served.port}"
        self.local = f"localhost:{self._served.port}"

    def send(self, path: str, where: str) -> None:
        self.answers[path] = (302, {"Location": where}, b"")

    def say(self, path: str, body: bytes, kind: str = JSON, **headers: str) -> None:
        self.answers[path] = (200, {"Content-Type": kind, **headers}, body)

    def close(self) -> None:
        self._served.close()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, web: Web, *words: Any) -> None:
        self.web = web
        super().__init__(*words)

    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""

    def do_GET(self) -> None:
        self.web.asked.append((self.path, self.headers.get("Authorization")))
        code, headers, body = self.web.answers.get(self.path, (404, {}, b""))
        self.send_response(code)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving() -> Iterator[Web]:
    web = Web()
    try:
        yield web
    finally:
        web.close()


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as web:
        yield web


def page(*names: str, **more: Any) -> bytes:
    files = [{"filename": name, "url": name, "hashes": {}, **more} for name in names]
    return json.dumps({"meta": {"api-version": "1.1"}, "name": "demo", "files": files}).encode()


# -- whose word goes where -------------------------------------------------------------------------------------------


def test_a_password_goes_to_its_index_and_to_nobody_it_sends_us_to(look: Look, web: Web) -> None:
    with serving() as other:
        other.say("/demo/", page("demo-1.0.tar.gz"))
        web.send("/simple/demo/", f"http://{other.place}/demo/")
        assert look(f"http://{':'.join(ME)}@{web.place}/simple").newest == "1.0"
        assert web.asked[0] == ("/simple/demo/", BASIC)
        assert other.asked == [("/demo/", None)]


def test_an_index_that_moves_a_page_is_told_again_who_asks(look: Look, web: Web) -> None:
    web.send("/simple/demo/", "/new/demo/")
    web.say("/new/demo/", page("demo-1.0.tar.gz"))
    look(f"http://{':'.join(ME)}@{web.place}/simple")
    assert web.asked[:2] == [("/simple/demo/", BASIC), ("/new/demo/", BASIC)]


def test_what_netrc_knows_goes_to_the_host_that_it_names(
    look: Look, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.send("/simple/demo/", f"http://{web.local}/demo/")
    web.say("/demo/", page("demo-1.0.tar.gz"))
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login {ME[0]} password {ME[1]}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    look(f"http://{web.place}/simple")
    assert web.asked[:2] == [("/simple/demo/", BASIC), ("/demo/", None)]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="before, Python's netrc wants each machine to have a password")
@pytest.mark.parametrize(
    "line", ["machine 127.0.0.1 login token", "default login token", "machine 127.0.0.1 login token password"]
)
def test_a_token_that_netrc_has_as_the_name_alone_is_sent(
    look: Look, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    web.say("/simple/demo/", page("demo-1.0.tar.gz"))
    (tmp_path / "netrc").write_text(f"{line}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    look(f"http://{web.place}/simple")
    assert web.asked[0] == ("/simple/demo/", "Basic " + base64.b64encode(b"token:").decode())


@pytest.mark.parametrize("content", [b"machine\n", b"machine 127.0.0.1\n", b"\xff\xfe", b""])
def test_a_netrc_that_says_nothing_is_none(
    look: Look, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    web.say("/simple/demo/", page("demo-1.0.tar.gz"))
    (tmp_path / "netrc").write_bytes(content)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    look(f"http://{web.place}/simple")
    assert web.asked[0] == ("/simple/demo/", None)


# -- by which way ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_a_proxy_is_asked_for_it(
    look: Look, web: Web, monkeypatch: pytest.MonkeyPatch, variable: str, scheme: str
) -> None:
    web.say("http://index.invalid/simple/demo/", page("demo-1.0.tar.gz"))
    monkeypatch.setenv(variable, f"{scheme}{web.place}")
    assert look("http://index.invalid/simple").newest == "1.0"


@pytest.mark.parametrize("without", ["127.0.0.1", "*", "other.example, 127.0.0.1", "127.0.0.1:{port}"])
def test_a_host_that_needs_no_proxy_is_asked_itself(
    look: Look, web: Web, monkeypatch: pytest.MonkeyPatch, without: str
) -> None:
    web.say("/simple/demo/", page("demo-1.0.tar.gz"))
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:1")
    monkeypatch.setenv("NO_PROXY", without.format(port=web.place.rpartition(":")[2]))
    assert look(f"http://{web.place}/simple").newest == "1.0"


@pytest.mark.parametrize("proxy", ["gopher://x:1", "socks5://127.0.0.1:1", "http://[::1", "http://127.0.0.1:1"])
def test_a_proxy_that_is_none_is_a_sentence(look: Look, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(IndexError_) as caught:
        look("http://index.invalid/simple")
    assert caught.value.code == "index-unavailable"


def test_an_organisations_own_authority_is_trusted_where_it_is_named(
    look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "corp.pem")
    with LocalIndex([wheel("demo", "1.0")], authority=authority) as index:
        with pytest.raises(IndexError_) as caught:
            look(index.url)
        assert caught.value.code == "index-unavailable"
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "corp.pem"))
        assert look(index.url).newest == "1.0"
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
        with pytest.raises(IndexError_) as caught:
            look(index.url)
        assert caught.value.code == "index-unavailable"


@pytest.mark.parametrize("where", ["file:///etc/hostname", "ftp://127.0.0.1/x", "data:,x", "/simple/demo/", "http://"])
def test_no_page_leads_to_what_lies_here_or_for_ever_on(look: Look, web: Web, where: str) -> None:
    web.send("/simple/demo/", where)
    with pytest.raises(IndexError_) as caught:
        look(f"http://{web.place}/simple")
    assert caught.value.code == "index-unavailable"


def test_nobody_waits_for_a_name_server(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: over.wait(TIME))
    before = time.monotonic()
    with pytest.raises(IndexError_) as caught:
        look("http://index.invalid/simple", 0.2)
    over.set()
    assert caught.value.code == "index-timeout" and time.monotonic() - before < TIME / 2


# -- what is believed ------------------------------------------------------------------------------------------------


def test_a_page_comes_unpacked(look: Look, web: Web) -> None:
    web.say("/simple/demo/", b"\x1f\x8b\x08", **{"Content-Encoding": "gzip"})
    with pytest.raises(IndexError_) as caught:
        look(f"http://{web.place}/simple")
    assert caught.value.code == "index-garbage"


@pytest.mark.parametrize("odd", [{"yanked": None}, {"upload-time": "soon"}, {"hashes": None}, {"provenance": "../p"}])
def test_one_odd_value_does_not_cost_the_page(look: Look, web: Web, odd: dict[str, Any]) -> None:
    web.say("/simple/demo/", page("demo-1.0.tar.gz", "demo-1.1-py3-none-any.whl", **odd))
    assert look(f"http://{web.place}/simple").newest == "1.1"


LONG = "9" * 5000
"""More digits than Python makes a number of."""
ODD = [f"demo-{LONG}.tar.gz", f"demo-{LONG}-py3-none-any.whl", f"demo-1.2-{LONG}-py3-none-any.whl"]


@pytest.mark.parametrize("odd", [*ODD, "demo-1.2.whl", "demo.tar.gz"])
def test_one_odd_name_does_not_cost_the_page(look: Look, web: Web, odd: str) -> None:
    for kind, body in (
        (JSON, page("demo-1.0.tar.gz", odd, "demo-1.1.tar.gz")),
        ("text/html", f'<a href="demo-1.0.tar.gz"><a href="{odd}"><a href="demo-1.1.tar.gz">'.encode()),
    ):
        web.say("/simple/demo/", body, kind)
        assert look(f"http://{web.place}/simple").newest == "1.1"


def test_one_odd_link_does_not_cost_the_page(look: Look, web: Web) -> None:
    links = ("demo-1.0.tar.gz", "//[", "http://[x]/demo-1.2.tar.gz", "demo-1.1.tar.gz")
    web.say("/simple/demo/", "".join(f'<a href="{link}">' for link in links).encode(), "text/html")
    assert look(f"http://{web.place}/simple").newest == "1.1"


@pytest.mark.parametrize("odd", ["<![x[", "<![", f'<a href="&#{LONG};">'])
def test_a_page_that_cannot_be_parsed_is_garbage(look: Look, web: Web, odd: str) -> None:
    web.say("/simple/demo/", f'<a href="demo-1.0.tar.gz">{odd}<a href="demo-1.1.tar.gz">'.encode(), "text/html")
    with pytest.raises(IndexError_) as caught:
        look(f"http://{web.place}/simple")
    assert caught.value.code == "index-garbage"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (JSON, page("a" + "-1" * 500_000 + ".whl", "demo" + "-x" * 500_000 + ".tar.gz", "demo-1.0.tar.gz")),
        ("text/html", b"<b>" * 300_000 + b"</x>" * 300_000 + b'<a href="demo-1.0.tar.gz">demo</a>'),
    ],
    ids=["names of files", "elements"],
)
def test_a_page_that_was_made_to_take_long_does_not(look: Look, web: Web, kind: str, body: bytes) -> None:
    web.say("/simple/demo/", body, kind)
    assert look(f"http://{web.place}/simple").newest == "1.0"
