"""An index that is slow, or never ends, holds up whoever asked it for a while, and nobody else."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from jupyter_envs.errors import IndexError_
from jupyter_envs.machine.indexes import load, webpage
from jupyter_envs.machine.indexes.package_details import opinion
from jupyter_envs.server.aside import Aside, Full
from jupyter_envs.server.handlers import packages

STEP = 0.02
"""Seconds between two bytes: never so long that anybody would call it silence."""
SHORT = 0.5
PATIENT = 10
"""Seconds that a busy machine may take for what has to end after SHORT."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
SPEAKS = {
    "nothing": (b"", b""),
    "a handshake": (b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", b"\0"),
    "the first line": (b"HTTP/1.1 200 ", b"O"),
    "headers": (HEAD + b"X: ", b"x"),
    "a body": (HEAD + b"\r\n", b" "),
    "a body of a length": (HEAD + b"Content-Length: 1000000\r\n\r\n", b" "),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
}


class Drip:
    """Answers everybody with `first`, and then with `more` again and again, until the test is over."""

    def __init__(self, first: bytes, more: bytes) -> None:
        self._first, self._more = first, more
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._over = threading.Event()
        self.threads = [threading.Thread(target=self._serve, daemon=True)]
        self.threads[0].start()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def close(self) -> None:
        self._over.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self.threads:
            thread.join(PATIENT)

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                connected, _ = self._socket.accept()
            except OSError:
                return
            self.threads.append(threading.Thread(target=self._talk, args=(connected,), daemon=True))
            self.threads[-1].start()

    def _talk(self, connected: socket.socket) -> None:
        with connected:
            try:
                connected.sendall(self._first)
                while not self._over.wait(STEP):
                    connected.sendall(self._more)
            except OSError:
                return


@contextmanager
def dripping(kind: str) -> Iterator[Drip]:
    drip = Drip(*SPEAKS[kind])
    try:
        yield drip
    finally:
        drip.close()


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch, settings):
    def used(url: str):
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"drip={url}")
        return load(settings)

    return used


@pytest.mark.parametrize("kind", SPEAKS)
def test_a_look_up_ends_in_time_whatever_drips(use, kind):
    with dripping(kind) as drip:
        scheme = "https" if kind == "a handshake" else "http"
        indexes = use(f"{scheme}://{drip.place}/simple")
        before = time.monotonic()
        with pytest.raises(IndexError_) as caught:
            opinion(indexes, "demo", "1.0", None, SHORT)
        assert (caught.value.code, time.monotonic() - before < PATIENT) == ("index-timeout", True)


def test_a_proxy_that_drips_is_no_way_around(use, monkeypatch):
    with dripping("headers") as drip:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{drip.place}")
        indexes = use("https://index.invalid/simple")
        with pytest.raises(IndexError_) as caught:
            opinion(indexes, "demo", "1.0", None, SHORT)
        assert caught.value.code == "index-timeout"


def test_a_page_that_is_too_large_is_not_read(use, monkeypatch):
    monkeypatch.setattr(webpage, "LARGEST_PAGE", 10_000)
    drip = Drip(HEAD + b"\r\n" + b" " * 20_000, b"")
    try:
        with pytest.raises(IndexError_) as caught:
            opinion(use(f"http://{drip.place}/simple"), "demo", "1.0", None, PATIENT)
        assert caught.value.code == "index-garbage"
    finally:
        drip.close()


async def test_who_looks_closer_holds_up_nobody_else(ask, envs, use):
    """More look-ups than there are threads for them, and than asyncio's own pool has here; that one stays free."""
    with dripping("a body") as drip:
        use(f"http://{drip.place}/simple")
        envs.environments.__dict__.pop("indexes", None)
        asked = [asyncio.ensure_future(ask("GET", f"packages/p{i}", params={"version": "1.0"})) for i in range(8)]
        while len(drip.threads) < 5:
            await asyncio.sleep(0.01)
        answers = [await ask("GET", place) for place in ("jobs", "interpreters", "environments", "kernelspecs")]
        assert await asyncio.to_thread(lambda: True)
        assert [answer.status for answer in answers] == [200] * 4
        assert not any(one.done() for one in asked), "nobody had to wait for them"
        assert len(drip.threads) == 5, "four at once"
    assert len(await asyncio.gather(*asked)) == 8


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a file that nobody answers for")
async def test_a_disk_that_hangs_with_the_names_of_the_indexes_holds_up_nobody_else(ask, envs, tmp_path, monkeypatch):
    file = tmp_path / "uv.toml"
    os.mkfifo(file)

    def answer() -> None:
        os.close(os.open(file, os.O_RDWR))

    late = threading.Timer(PATIENT, answer)
    late.start()
    monkeypatch.setenv("UV_CONFIG_FILE", str(file))
    monkeypatch.setattr(packages, "LOOK_UP", SHORT)
    before = time.monotonic()
    try:
        asked = asyncio.ensure_future(ask("GET", "packages/demo", params={"version": "1.0"}))
        assert (await ask("GET", "jobs")).status == 200
        assert (await asked).json["error"]["code"] == "index-timeout"
        assert time.monotonic() - before < PATIENT
    finally:
        late.cancel()
        answer()


async def test_it_is_told_in_time_that_an_index_is_slow(ask, envs, use, monkeypatch):
    monkeypatch.setattr(packages, "LOOK_UP", SHORT)
    with dripping("headers") as drip:
        use(f"http://{drip.place}/simple")
        envs.environments.__dict__.pop("indexes", None)
        asked = [ask("GET", f"packages/p{i}", params={"version": "1.0"}) for i in range(8)]
        ended = await asyncio.wait_for(asyncio.gather(*asked), PATIENT)
        assert {(one.status, one.json["error"]["code"]) for one in ended} == {(502, "index-timeout")}


async def test_so_are_those_who_ask_for_pythons(ask, envs):
    envs.programs = Aside(0, 0)
    answer = await ask("GET", "interpreters")
    assert (answer.status, answer.json["reason"]) == (503, "server-busy")


async def test_of_more_than_may_wait_the_last_are_refused_at_once(ask, envs, use):
    envs.lookups = Aside(1, 1)
    with dripping("a body") as drip:
        indexes = use(f"http://{drip.place}/simple")
        envs.environments.__dict__.pop("indexes", None)
        waits = [
            asyncio.ensure_future(envs.lookups.run(lambda: opinion(indexes, "demo", "1.0", None, 1.0)))
            for _ in range(2)
        ]
        await asyncio.sleep(0)
        answer = await ask("GET", "packages/demo", params={"version": "1.0"})
        assert (answer.status, answer.json["reason"]) == (503, "server-busy")
        assert answer.json["error"]["hint"] == "Try again in a moment."
        assert not any(wait.done() for wait in waits)
        await asyncio.gather(*waits, return_exceptions=True)


# -- threads of their own --------------------------------------------------------------------------------------------


async def test_no_more_run_at_once_than_may_even_if_nobody_waits_for_them_any_more():
    aside, go, running = Aside(2, 8), threading.Event(), []

    def work() -> str:
        running.append(threading.current_thread())
        go.wait(PATIENT)
        return "done"

    late = [asyncio.ensure_future(aside.run(work, 0.05)) for _ in range(2)]
    for one in late:
        with pytest.raises(TimeoutError):
            await one
    patient = [asyncio.ensure_future(aside.run(work)) for _ in range(3)]
    await asyncio.sleep(0.05)
    assert len(running) == 2
    go.set()
    assert await asyncio.gather(*patient) == ["done"] * 3
    assert len(running) == 5


async def test_where_no_thread_can_be_started_the_next_may_try(monkeypatch):
    aside = Aside(1, 0)

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        for _ in range(2):
            with pytest.raises(RuntimeError, match="new thread"):
                await aside.run(lambda: 1, PATIENT)
    assert await aside.run(lambda: 1, PATIENT) == 1


async def test_an_error_is_raised_where_somebody_waits_and_lost_where_nobody_does():
    aside = Aside(1, 0)

    def fails() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await aside.run(fails)
    go = threading.Event()
    waiting = asyncio.ensure_future(aside.run(lambda: go.wait(PATIENT), 0.01))
    await asyncio.sleep(0)
    with pytest.raises(Full):
        await aside.run(fails)
    with pytest.raises(TimeoutError):
        await waiting
    go.set()
