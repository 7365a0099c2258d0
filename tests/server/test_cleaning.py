"""The server cleans up by itself, in a thread, and not while it stops."""

from __future__ import annotations

import asyncio
import logging
import threading
import time

import pytest

from jupyter_envs.environments.cleaning import DAY, Cleaned
from jupyter_envs.errors import StoreError
from jupyter_envs.server.housekeeping import Cleaning
from jupyter_envs.store.gc import Collected
from jupyter_envs.system.threads import in_thread

from ..stores import environment_id, publish
from .rest import until

OLD, NEW = environment_id(1), environment_id(2)
NOTHING = Cleaned(Collected((), (), 0, 0), (), 0, 30.0, False)


class Heard:
    def __init__(self):
        self.said = []

    def say(self, *words):
        self.said.append(words)


class TestAServer:
    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config["JupyterEnvs"] |= {"gc_interval": 0.05, "keep_days": 10}
        return jp_server_config

    async def test_takes_away_what_nobody_used(self, ask, envs, events):
        publish(envs.core, NEW, at=time.time() - 9 * DAY)
        old = publish(envs.core, OLD, at=time.time() - 11 * DAY)
        # pytest-jupyter starts extensions without this step
        await envs._start_jupyter_server_extension(envs.serverapp)
        await until(lambda: {"what": "environment", "id": OLD, "state": "deleted"} in events)
        assert not old.exists()
        assert [e["id"] for e in (await ask("GET", "environments")).json["environments"]] == [NEW]
        await envs.stop_extension()
        # A round that had begun runs to its end.
        await until(lambda: not any(thread.name == "jupyter-envs aside" for thread in threading.enumerate()))
        later = publish(envs.core, OLD, at=time.time() - 11 * DAY)
        await asyncio.sleep(0.2)
        assert later.exists(), "nothing is cleaned after the stop"


@pytest.mark.parametrize("never", [{"gc_interval": 0.0}, {"keep_days": 0.0}])
class TestAServerThatNeverCleans:
    @pytest.fixture
    def jp_server_config(self, jp_server_config, never):
        jp_server_config["JupyterEnvs"] |= {"gc_interval": 0.01} | never
        return jp_server_config

    async def test_starts_no_clock(self, envs):
        await envs._start_jupyter_server_extension(envs.serverapp)
        assert envs.cleaning._task is None


async def test_a_round_that_failed_is_told_and_the_next_one_comes(caplog):
    rounds = []

    def clean():
        rounds.append(threading.current_thread())
        if len(rounds) == 1:
            raise StoreError("store-unsafe", "The store can be written by others.")
        if len(rounds) == 2:
            raise PermissionError(13, "no")
        return NOTHING

    cleaning = Cleaning(clean, 0.01, Heard(), logging.getLogger("test"))
    cleaning.start()
    await until(lambda: len(rounds) > 2)
    await cleaning.stop()
    assert "store-unsafe" in caplog.text and "Cleaning up environments failed" in caplog.text
    assert threading.main_thread() not in rounds


async def test_a_stop_waits_for_nobody():
    started, go = threading.Event(), threading.Event()

    def clean():
        started.set()
        go.wait(30)
        return NOTHING

    heard = Heard()
    cleaning = Cleaning(clean, 0.01, heard, logging.getLogger("test"))
    cleaning.start()
    await until(started.is_set)
    before = time.monotonic()
    await cleaning.stop()
    assert time.monotonic() - before < 5
    go.set()
    assert heard.said == []


async def test_what_a_thread_raises_is_raised_where_somebody_waits():
    def fails():
        raise KeyError("x")

    with pytest.raises(KeyError):
        await in_thread(fails)
