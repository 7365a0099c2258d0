"""A stand-in gives way to the real kernel as soon as its environment is there, once, whoever built it."""

from __future__ import annotations

import json

import pytest

from jupyter_envs.server.standins import StandIns

from .rest import check, until, wire

WAITING = {"block": wire("block"), "environment": None, "base": False, "standin": True}


@pytest.fixture
def store(envs, jp_serverapp):
    """A store of one environment, which a test builds by saying so."""

    class Shelf:
        place: str | None = None

        def built(self, context):
            return self.place

    shelf = Shelf()
    envs.standins.stop()
    envs.standins = StandIns(
        envs.running,
        shelf.built,
        lambda: True,
        envs.announcer,
        jp_serverapp.kernel_manager,
        jp_serverapp.session_manager,
        envs.log,
    )
    yield shelf
    envs.standins.stop()


async def stand_in(new_session, write_context, envs, path="work/a.ipynb"):
    session = await new_session(path)
    write_context(session["kernel"]["id"], WAITING)
    await envs.standins.notice(session["kernel"]["id"])
    return session


async def session_now(jp_fetch, session):
    return json.loads((await jp_fetch("api", "sessions", session["id"])).body)


async def test_the_session_gets_the_real_kernel_once(
    envs, store, new_session, write_context, jp_fetch, jp_serverapp, events
):
    session = await stand_in(new_session, write_context, envs)
    old = session["kernel"]["id"]
    await until(lambda: {"what": "kernel", "id": old, "state": "standin"} in events)
    await envs.standins.look()
    assert (await session_now(jp_fetch, session))["kernel"]["id"] == old
    store.place = "/store/e/x/b-1"
    await until(lambda: {"what": "kernel", "id": old, "state": "switched"} in events)
    now = await session_now(jp_fetch, session)
    assert now["kernel"]["id"] != old
    assert now["kernel"]["name"] == "python3"
    assert (now["path"], now["name"]) == (session["path"], session["name"])
    assert old not in jp_serverapp.kernel_manager
    assert len(jp_serverapp.kernel_manager) == 1
    assert envs.standins.waiting == frozenset()


async def test_an_environment_whose_kernel_dies_is_not_tried_for_ever(
    envs, store, new_session, write_context, jp_fetch
):
    session = await stand_in(new_session, write_context, envs)
    store.place = "/store/e/x/b-1"
    await envs.standins.look()
    second = (await session_now(jp_fetch, session))["kernel"]["id"]
    assert second != session["kernel"]["id"]
    write_context(second, WAITING)  # it died twice, and the provisioner put a stand-in in its place
    await envs.standins.notice(second)
    await envs.standins.look()
    assert (await session_now(jp_fetch, session))["kernel"]["id"] == second
    store.place = "/store/e/x/b-2"  # built anew: worth a try
    await envs.standins.notice(second)
    await envs.standins.look()
    assert (await session_now(jp_fetch, session))["kernel"]["id"] not in (second, session["kernel"]["id"])


async def test_a_kernel_that_died_in_its_environment_keeps_its_explanation(
    envs, store, new_session, write_context, jp_fetch, ask
):
    session = await new_session("a.ipynb")
    kernel_id = session["kernel"]["id"]
    error = wire("kernel-failed")["status"]["error"]
    write_context(kernel_id, WAITING | {"status": {"state": "failed", "sentence": error["sentence"], "error": error}})
    store.place = "/store/e/x/b-1"
    await envs.standins.notice(kernel_id)
    await envs.standins.look()
    assert (await session_now(jp_fetch, session))["kernel"]["id"] == kernel_id
    told = (await ask("GET", f"kernels/{kernel_id}")).json
    check(told, "Kernel")
    assert (told["status"]["state"], told["status"]["error"]) == ("failed", error)
    store.place = "/store/e/y/b-1"  # the package that broke it was removed
    await envs.standins.look()
    assert (await session_now(jp_fetch, session))["kernel"]["id"] != kernel_id


async def test_a_busy_stand_in_may_finish_its_sentence(envs, store, new_session, write_context, jp_fetch, jp_serverapp):
    session = await stand_in(new_session, write_context, envs)
    kernel = jp_serverapp.kernel_manager.get_kernel(session["kernel"]["id"])
    store.place = "/store/e/x/b-1"
    kernel.execution_state = "busy"
    await envs.standins.look()
    assert (await session_now(jp_fetch, session))["kernel"]["id"] == session["kernel"]["id"]
    kernel.execution_state = "idle"
    await envs.standins.look()
    assert (await session_now(jp_fetch, session))["kernel"]["id"] != session["kernel"]["id"]


async def test_a_kernel_that_was_shut_down_is_forgotten(envs, store, new_session, write_context, jp_fetch):
    session = await stand_in(new_session, write_context, envs)
    assert envs.standins.waiting == {session["kernel"]["id"]}
    await jp_fetch("api", "sessions", session["id"], method="DELETE")
    await until(lambda: not envs.standins.waiting)


async def test_nothing_ticks_without_stand_ins(envs, store, new_session, write_context):
    session = await new_session("a.ipynb")
    write_context(session["kernel"]["id"], WAITING | {"standin": False, "environment": {"id": "x"}})
    await envs.standins.notice(session["kernel"]["id"])
    assert not envs.standins.waiting
    assert not envs.standins._clock.is_running()


async def test_a_start_that_fails_leaves_the_stand_in(
    envs, store, new_session, write_context, jp_fetch, jp_serverapp, jp_data_dir
):
    session = await stand_in(new_session, write_context, envs)

    async def no_kernel(*args, **more):
        raise RuntimeError("no kernel today")

    jp_serverapp.kernel_manager.start_kernel = no_kernel
    store.place = "/store/e/x/b-1"
    await envs.standins.look()
    now = await session_now(jp_fetch, session)
    assert now["kernel"]["id"] == session["kernel"]["id"]
    assert now["kernel"]["id"] in jp_serverapp.kernel_manager
