"""What a running kernel runs is asked of the server, and what its next restart takes is told to it."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import datetime, timedelta, timezone

from jupyter_envs.environments.status import Status
from jupyter_envs.model.block import parse_block

from .rest import KERNEL, check, until, wire

BASE = {"notebook": None, "block": None, "environment": None, "base": True, "standin": False}


async def test_an_unknown_kernel_is_not_found(ask, write_context):
    write_context(KERNEL, BASE)  # left behind by a server that crashed
    for verb, body in (("GET", None), ("PUT", {"block": None})):
        answer = await ask(verb, f"kernels/{KERNEL}", body)
        assert (answer.status, answer.json["reason"]) == (404, "kernel-unknown")


async def test_a_kernel_that_others_started_is_told_apart(ask, new_session):
    session = await new_session("a.ipynb")
    answer = await ask("GET", f"kernels/{session['kernel']['id']}")
    assert (answer.status, answer.json["reason"]) == (404, "kernel-foreign")


async def test_a_block_that_was_put_is_what_a_restart_takes(ask, new_session, write_context, events):
    kernel_id = (await new_session("work/a.ipynb"))["kernel"]["id"]
    file = write_context(kernel_id, BASE)
    put = await ask("PUT", f"kernels/{kernel_id}", wire("put-kernel"))
    assert put.status == 200
    check(put.json, "Kernel")
    assert put.json["block"] == wire("block")
    assert put.json["notebook"] == "work/a.ipynb"
    assert (await ask("GET", f"kernels/{kernel_id}")).json == put.json
    written = json.loads(file.read_text())
    assert written["block"] == wire("block")
    assert written["cli"] == ["x"], "what the kernel itself needs stays"
    await until(lambda: {"what": "kernel", "id": kernel_id, "state": "changed"} in events)


async def test_of_two_windows_that_change_it_at_once_the_second_is_told(ask, new_session, write_context):
    kernel_id = (await new_session("a.ipynb"))["kernel"]["id"]
    file = write_context(kernel_id, BASE | {"block": wire("block-before")})
    before, after = (parse_block(wire(name)).digest for name in ("block-before", "block"))
    first = {"block": wire("block"), "before": before}
    assert (await ask("PUT", f"kernels/{kernel_id}", first)).status == 200
    assert (await ask("PUT", f"kernels/{kernel_id}", first)).status == 200, "what is there already is no conflict"
    second = await ask("PUT", f"kernels/{kernel_id}", {"block": None, "before": before})
    assert (second.status, second.json["reason"]) == (409, "block-changed")
    assert json.loads(file.read_text())["block"] == wire("block")
    assert (await ask("PUT", f"kernels/{kernel_id}", {"block": None, "before": after})).status == 200


async def test_a_block_can_be_taken_away(ask, new_session, write_context):
    kernel_id = (await new_session("a.ipynb"))["kernel"]["id"]
    write_context(kernel_id, BASE | {"block": wire("block")})
    put = await ask("PUT", f"kernels/{kernel_id}", {"block": None})
    assert put.json["block"] is None
    assert put.json["status"]["state"] == "no-block"


async def test_a_bad_block_is_refused_and_says_where(ask, new_session, write_context):
    kernel_id = (await new_session("a.ipynb"))["kernel"]["id"]
    file = write_context(kernel_id, BASE)
    before = file.read_bytes()
    answer = await ask("PUT", f"kernels/{kernel_id}", {"block": {"version": 1, "dependencies": ["six", "numpy >"]}})
    assert (answer.status, answer.json["reason"]) == (422, "req-syntax")
    check(answer.json, "Refusal")
    assert "metadata.jupyter_envs.dependencies[1]" in answer.json["message"]
    assert file.read_bytes() == before


async def test_a_kernel_whose_block_cannot_be_read_is_still_told(ask, new_session, write_context):
    kernel_id = (await new_session("a.ipynb"))["kernel"]["id"]
    write_context(kernel_id, BASE | {"block": {"version": 1, "colour": "red"}})
    answer = await ask("GET", f"kernels/{kernel_id}")
    assert answer.status == 200
    check(answer.json, "Kernel")
    assert answer.json["status"]["state"] == "invalid"
    assert answer.json["status"]["error"]["code"] == "meta-unknown-key"


async def test_what_a_kernel_leaves_behind_is_cleaned_up(envs, new_session, write_context, jp_fetch):
    session = await new_session("a.ipynb")
    file = write_context(session["kernel"]["id"], BASE)
    envs.running.clean(session["kernel"]["id"])
    assert file.exists(), "it still runs, or restarts"
    await jp_fetch("api", "sessions", session["id"], method="DELETE")
    envs.running.clean(session["kernel"]["id"])
    assert not file.exists()


async def test_the_server_answers_while_something_slow_is_looked_up(ask, envs, jp_fetch, jp_create_notebook):
    """Rule: nothing keeps the event loop for 100 ms."""
    jp_create_notebook("a.ipynb")

    class SlowDisk:
        def of(self, raw):
            time.sleep(1)
            return Status("no-block", "This notebook has no environment of its own yet.")

    envs.states = SlowDisk()
    slow = asyncio.ensure_future(ask("GET", "notebooks/a.ipynb"))
    quick = [await jp_fetch("api", "status") for _ in range(5)]
    assert all(answer.code == 200 for answer in quick)
    assert not slow.done()
    assert (await slow).status == 200


async def test_a_job_keeps_cullers_away(envs, new_session, jp_serverapp):
    kernel_id = (await new_session("a.ipynb"))["kernel"]["id"]
    kernel = jp_serverapp.kernel_manager.get_kernel(kernel_id)
    long_ago = datetime.now(timezone.utc) - timedelta(days=1)
    kernel.last_activity = long_ago
    envs._job_is_activity(kernel_id)
    assert datetime.now(timezone.utc) - kernel.last_activity < timedelta(minutes=1)
    assert datetime.now(timezone.utc) - jp_serverapp.web_app.last_activity() < timedelta(minutes=1)
