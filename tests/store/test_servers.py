"""A server that is killed while it builds harms nothing: its job goes on by itself, or is killed too."""

from __future__ import annotations

import json
import math
import os
import random
import signal
import time
from collections.abc import Callable

import pytest

from jupyter_envs.environments.jobs import Jobs
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.settings import Settings
from jupyter_envs.store import Store
from jupyter_envs.store.gc import collect

from ..local_index import LocalIndex
from ..typed import typed
from ..wheels import wheel
from .scene import problems, strays
from .workers import Worker


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def jobs(settings: Settings, index: LocalIndex, environments: Environments) -> Jobs:
    """Beside an index that is slow to hand out a file, so that there is a moment to be killed in."""
    version = f"1.{random.randrange(10**9)}"  # tests share uv's cache
    index.add(wheel("slow", version, files={"slow/__init__.py": "", "slow/data.bin": os.urandom(60_000)}))
    index.faults[r"/files/slow-.*\.whl$"] = "drip"
    return Jobs(settings)


def killed_server(index: LocalIndex) -> str:
    """The id of the job of a server that was killed while uv was downloading for it."""
    with Worker("serve", words=["slow"]).ready().go() as server:
        assert server.process.stdout
        job = str(json.loads(server.process.stdout.readline())["job"])
        until(lambda: any(hit.startswith("/files/slow-") and hit.endswith(".whl") for hit in index.hits))
        server.kill(family=False)
    return job


def test_its_job_goes_on_and_its_end_is_told(jobs: Jobs, settings: Settings, index: LocalIndex) -> None:
    job = killed_server(index)
    assert jobs.get(job).state == "running"
    until(lambda: jobs.get(job).state != "running")
    assert jobs.get(job).state == "done", jobs.get(job).stderr
    (environment,) = Store(settings).list()
    assert "slow" in environment.packages and problems(settings) == [] == strays(settings)


def test_its_job_may_be_killed_as_well(jobs: Jobs, settings: Settings, index: LocalIndex) -> None:
    job = killed_server(index)
    process = json.loads((settings.home / "jobs" / job / "process.json").read_bytes())
    os.kill(process["pid"], signal.SIGKILL)
    until(lambda: jobs.get(job).state != "running")
    assert jobs.get(job).state == "interrupted"
    assert Store(settings).list() == [] == problems(settings)
    index.faults.clear()
    change = Environments(settings).install(None, typed("slow"))
    assert change.environment and change.environment.packages["slow"].startswith("1.")
    until(lambda: not collect(Store(settings), {}, older_than=math.inf).strays)
    assert problems(settings) == [] == strays(settings)
