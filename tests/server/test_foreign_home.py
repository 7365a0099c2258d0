"""A server whose home others can write to reads nothing in it, says so, and goes on once that is mended."""

from __future__ import annotations

import asyncio
import sys
import threading

import pytest

from jupyter_envs.server import app

from .rest import EXAMPLES, templates

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
EVERY = [(verb.upper(), example) for _, example, verbs in templates() for verb in sorted(verbs)]


async def test_every_verb_names_the_folder_and_what_mends_it(ask, envs_home):
    envs_home.chmod(0o777)
    before = sorted(envs_home.rglob("*"))
    for verb, path in EVERY:
        answer = await ask(verb, path)
        assert (answer.status, answer.json["reason"]) == (507, "store-unsafe"), (verb, path)
        assert f"chmod 700 {envs_home}" in answer.json["error"]["hint"]
        answer = await ask(verb, path, headers={"Authorization": ""})
        assert answer.status == 403 and str(envs_home) not in str(answer.json)
    assert sorted(envs_home.rglob("*")) == before
    envs_home.chmod(0o700)
    assert (await ask("GET", "jobs")).status == 200


async def test_a_disk_that_hangs_takes_few_threads_and_is_named_in_time(ask, envs, monkeypatch):
    go, looking = threading.Event(), []

    def hang() -> None:
        looking.append(threading.current_thread())
        go.wait(60)

    monkeypatch.setattr(app, "LOOK", 0.1)
    monkeypatch.setattr(envs, "look_at_home", hang)
    try:
        answers = await asyncio.gather(*(ask("GET", "jobs") for _ in range(12)))
        assert {(answer.status, answer.json["reason"]) for answer in answers} == {(507, "home-unusable")}
        assert {thread.name for thread in looking} == {"jupyter-envs aside"}
        assert len(looking) == app.LOOKS[0]
    finally:
        go.set()


class TestAtTheStart:
    @pytest.fixture
    def envs_home(self, envs_home):
        envs_home.chmod(0o770)
        return envs_home

    async def test_the_server_comes_up_says_so_and_takes_nothing_from_it(self, ask, envs_home, envs, caplog):
        before = sorted(envs_home.rglob("*"))
        assert (await ask("GET", "environments")).json["reason"] == "store-unsafe"
        await envs._prepare()
        assert "store-unsafe" in caplog.text and "Traceback" not in caplog.text
        assert sorted(envs_home.rglob("*")) == before


@pytest.mark.parametrize("data", [b"[]", b'{"status": 5}', b"[" * 100_000, b"\xff", None])
async def test_a_damaged_context_is_a_refusal(ask, envs, envs_home, monkeypatch, data):
    monkeypatch.setattr(type(envs.running._kernels), "__contains__", lambda *_: True)
    file = envs_home / "kernels" / f"{EXAMPLES['kernel_id']}.json"
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.mkdir() if data is None else file.write_bytes(data)
    answer = await ask("GET", f"kernels/{EXAMPLES['kernel_id']}")
    assert (answer.status, answer.json["reason"]) == (404, "kernel-context")
