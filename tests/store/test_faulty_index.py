"""An index that fails while an environment is built: an error of its own kind within its deadline, never a conflict,
and nothing is published. tests/contract/ has what it does to resolving."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from jupyter_envs.engines.uv.installer import UvInstaller
from jupyter_envs.engines.uv.tool import Engine
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import EnvsError
from jupyter_envs.machine.indexes import load
from jupyter_envs.model.closure import Closure
from jupyter_envs.settings import Settings
from jupyter_envs.store import Environment, Store

from ..fakes import HERE
from ..local_index import Fault, LocalIndex
from ..typed import typed
from ..wheels import wheel
from .scene import approved, dists, problems, rows_of, strays, works

TIMEOUT = 1
"""Seconds that uv waits for an answer; it asks once more."""
DEADLINE = 12.0


@dataclass
class Site:
    settings: Settings
    index: LocalIndex
    value: Closure

    def build(self) -> Environment:
        with Engine(self.settings, load(self.settings)) as engine:
            return Store(self.settings).ensure(approved(self.settings, self.value), UvInstaller(engine))


@pytest.fixture
def site(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("UV_HTTP_TIMEOUT", str(TIMEOUT))
    monkeypatch.setenv("UV_HTTP_RETRIES", "1")
    wheels = dists(3, 40)
    with LocalIndex(wheels) as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
        yield Site(settings, index, Closure(HERE, rows_of(wheels)))


FILE, PAGE = r"/files/pack1-.*\.whl$", "/simple/pack1/"


@pytest.mark.parametrize(
    ("where", "fault", "code"),
    [
        (FILE, "500", "index-unavailable"),
        (FILE, "hang", "index-timeout"),
        (FILE, "reset", "index-unavailable"),
        (FILE, "truncate", "file-corrupt"),
        (FILE, "short", "file-corrupt"),
        (FILE, "flip", "hash-mismatch"),
        (FILE, "corrupt", "file-corrupt"),
        (FILE, "404", "file-gone"),
        (FILE, "401", "index-auth"),
        (FILE, "403", "index-auth"),
        (PAGE, "500", "index-unavailable"),
        (PAGE, "hang", "index-timeout"),
        (PAGE, "reset", "index-unavailable"),
        (PAGE, "garbage", "index-garbage"),
        (PAGE, "401", "index-auth"),
        (PAGE, "404", "no-such-package"),
    ],
)
def test_a_fault_while_building(site: Site, where: str, fault: Fault, code: str) -> None:
    site.index.faults[where] = fault
    began = time.monotonic()
    with pytest.raises(EnvsError) as caught:
        site.build()
    assert caught.value.code == code, caught.value.details
    assert time.monotonic() - began < DEADLINE
    assert caught.value.sentence and caught.value.hint
    assert Store(site.settings).list() == [] == list(Store(site.settings).own.wheels.all())
    assert strays(site.settings) == []
    site.index.faults.clear()
    assert works(site.build()) == "" and problems(site.settings) == []


def test_only_the_file_that_the_lock_names_is_taken(site: Site) -> None:
    good = site.value
    site.value = replace(good, rows=(replace(good.rows[0], sha256="0" * 64), *good.rows[1:]))
    with pytest.raises(EnvsError) as caught:
        site.build()
    assert caught.value.code == "hash-mismatch", caught.value.details
    site.value = good
    site.index.faults[PAGE] = "wrong-hash"
    assert works(site.build()) == "", "whatever the index says about it"


@pytest.mark.parametrize("fault", ["500", "reset", "truncate"])
def test_what_fails_once_is_asked_for_once_more(site: Site, fault: Fault) -> None:
    site.index.faults[FILE] = fault
    site.index.fails = 1
    assert works(site.build()) == ""


def test_an_index_that_drips_is_slow_and_no_error(site: Site) -> None:
    """Its silence counts, not its slowness: each piece comes long before the timeout."""
    site.index.faults[FILE] = "drip"
    assert works(site.build()) == ""


def test_a_withdrawn_file_that_is_locked_is_still_built(site: Site) -> None:
    for entry in site.index.listed["pack1"]:
        entry.yanked = "broken"
    assert works(site.build()) == ""


def test_an_index_that_is_gone_changes_nothing_of_what_is_there(site: Site) -> None:
    made = site.build()
    site.index.faults[".*"] = "500"
    assert site.build() == made
    Store(site.settings).remove(made.id)
    assert works(site.build()) == "", "its wheels are here"


def test_installing_with_a_broken_file_is_no_conflict(
    environments: Environments, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uv reads a wheel for what it needs where the index does not tell, and calls a damaged one a conflict."""
    monkeypatch.setenv("UV_HTTP_RETRIES", "1")  # a connection that a fault ended may be taken once more
    index.metadata = False
    index.add(
        wheel("seldom", "2.0", files={"seldom.py": "x = 1\n" * 5000})
    )  # uv's cache is the whole session's, and has what other tests installed
    for fault in ("truncate", "short", "corrupt"):
        index.faults[r"/files/seldom-2\.0.*\.whl$"] = fault
        with pytest.raises(EnvsError) as caught:
            environments.install(None, typed("seldom==2.0"))
        assert caught.value.code == "file-corrupt", caught.value.details
    assert environments.here.store.list() == []
