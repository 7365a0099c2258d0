"""SIGKILL at any moment: nothing half-built is visible, the next attempt works by itself, what was left is swept."""

from __future__ import annotations

import math
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from jupyter_envs.engines.uv.installer import UvInstaller
from jupyter_envs.engines.uv.tool import Engine
from jupyter_envs.machine.indexes import load
from jupyter_envs.model.closure import Closure
from jupyter_envs.settings import Settings
from jupyter_envs.store import Environment, Store
from jupyter_envs.store.gc import collect

from ..fakes import HERE
from ..local_index import LocalIndex
from .conftest import Rounds
from .scene import approved, dists, problems, rows_of, strays, works
from .workers import Worker, rows

WHEELS, FILES = 10, 24


@dataclass
class Site:
    """One store, in which `value` is built and killed again and again."""

    settings: Settings
    value: Closure

    def build(self) -> Environment:
        with Engine(self.settings, load(self.settings)) as engine:
            return Store(self.settings).ensure(approved(self.settings, self.value), UvInstaller(engine))

    def worker(self, compile: str) -> Worker:
        return Worker("build", {"JUPYTER_ENVS_COMPILE": compile}, rows=rows(self.value)).ready()

    def forget(self, *, wheels: bool) -> None:
        Store(self.settings).remove(self.value.id)
        if wheels:
            collect(Store(self.settings), {}, older_than=0)

    def seconds(self, compile: str) -> float:
        """How long a build takes that nobody kills."""
        with self.worker(compile).go() as worker:
            began = time.monotonic()
            assert "prefix" in worker.result()
            return time.monotonic() - began


@pytest.fixture
def site(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    wheels = dists(WHEELS, FILES)
    with LocalIndex(wheels) as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
        yield Site(settings, Closure(HERE, rows_of(wheels)))


@pytest.mark.timeout(3600)
def test_a_builder_that_is_killed_at_any_moment_harms_nothing(site: Site, rounds: Rounds) -> None:
    ways = [(wheels, compile) for wheels in (True, False) for compile in ("now", "never")]
    length = {}
    for way in ways:
        site.forget(wheels=way[0])
        length[way] = site.seconds(way[1])
    seen: Counter[str] = Counter()
    for number in range(rounds(50, 1000)):
        way = ways[number % len(ways)]
        site.forget(wheels=way[0])
        with site.worker(way[1]).go() as worker:
            time.sleep(random.uniform(0, 1.05) * length[way])  # the moment is what this is about
            worker.kill(family=number % 3 == 0)
        seen["published" if Store(site.settings).find(site.value.id) else "not yet"] += 1
        seen["with strays"] += bool(strays(site.settings))
        check(site, f"round {number}: {way}", start=number % 5 == 0)
    assert seen["not yet"] and seen["published"] and seen["with strays"], seen


def check(site: Site, where: str, *, start: bool) -> None:
    """`start`: also from it, which takes as long as all the rest."""
    assert problems(site.settings) == [], where
    environment = site.build()
    assert problems(site.settings) == [], where
    assert Store(site.settings).health(environment.id) is None
    assert not start or works(environment) == "", where
    collect(Store(site.settings), {}, older_than=math.inf)
    assert strays(site.settings) == [], where
    assert Store(site.settings).find(environment.id) == environment
