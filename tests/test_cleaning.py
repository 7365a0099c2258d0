"""What goes, and above all what stays."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from jupyter_envs.cli.gc import sentence
from jupyter_envs.engines.uv import cache as uv_cache
from jupyter_envs.environments.cleaning import DAY, LOCKS, clean
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.machine import kernelspecs
from jupyter_envs.settings import Settings
from jupyter_envs.store import uses
from jupyter_envs.system.leases import hold, is_held

from .stores import environment_id, publish

OLD, NEW, HELD = environment_id(1), environment_id(2), environment_id(3)
NOW = time.time()
LONG_AGO = NOW - 100 * DAY


def aged(path: Path, seconds: float) -> Path:
    """The file, and the folder where it lies, as if nobody had touched them for so long."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(path.name)
    for place in (path, path.parent):
        os.utime(place, (NOW - seconds, NOW - seconds))
    return path


def unpacked(cache: Path, name: str, seconds: float) -> Path:
    """An archive of uv's of this age, and what leads to it."""
    pointer = cache / "wheels-v8" / "index" / name / "2.0-py3-none-any.rev"
    pointer.parent.mkdir(parents=True)
    pointer.write_bytes(b"\x92\x90" + name.encode() + b"\x90")
    return aged(cache / "archive-v0" / name / "METADATA", seconds).parent


@pytest.fixture
def rooms(settings: Settings) -> Environments:
    return Environments(settings)


def ids(rooms: Environments) -> set[str]:
    return {entry.id for entry in rooms.list()}


def test_what_nothing_used_for_long_goes_and_the_rest_stays(rooms: Environments, settings: Settings) -> None:
    folder = publish(settings, OLD, at=LONG_AGO, own=1000)
    publish(settings, NEW, at=NOW - 5 * DAY)
    publish(settings, HELD, at=LONG_AGO)
    lease = hold(settings.store / "v1" / "e" / HELD / "lease")
    assert lease
    with lease:
        os.utime(settings.store / "v1" / "e" / HELD / "lease", (LONG_AGO, LONG_AGO))
        cleaned = clean(rooms.here, 30)
    assert cleaned.collected.environments == (OLD,)
    assert cleaned.bytes >= 1000
    assert not folder.exists()
    assert ids(rooms) == {NEW, HELD}
    assert sentence(cleaned).startswith("Freed: 1 environment, ")


def test_what_a_notebook_had_within_the_limit_stays_though_no_kernel_started(
    rooms: Environments, settings: Settings
) -> None:
    publish(settings, OLD, at=LONG_AGO)
    uses.remember(settings.home, OLD, "/work/a.ipynb", NOW - 29 * DAY)
    assert clean(rooms.here, 30).nothing
    assert clean(rooms.here, 28).collected.environments == (OLD,)


def test_a_dry_run_only_tells(rooms: Environments, settings: Settings) -> None:
    publish(settings, OLD, at=LONG_AGO)
    old = aged(settings.home / "locks" / "x.json", LOCKS + DAY)
    told = clean(rooms.here, 30, dry_run=True)
    assert ids(rooms) == {OLD} and old.exists()
    assert sentence(told).startswith("Would free: 1 environment, 1 leftover")
    done = clean(rooms.here, 30)
    assert (done.collected.environments, done.leftovers) == (told.collected.environments, told.leftovers)
    assert not old.exists()


def test_without_a_limit_nothing_that_was_used_goes(rooms: Environments, settings: Settings) -> None:
    publish(settings, OLD, at=LONG_AGO)
    aged(settings.home / "locks" / "x.json", 10 * LOCKS)
    cleaned = clean(rooms.here, None)
    assert cleaned.nothing and ids(rooms) == {OLD}
    assert sentence(cleaned) == "Nothing to clean up: no limit is set."
    assert cleaned.to_dict()["days"] is None and json.dumps(cleaned.to_dict())


def test_the_base_environment_and_those_of_named_kernels_stay(environments: Environments, settings: Settings) -> None:
    base = environments.build(None)
    assert base
    publish(settings, OLD, at=LONG_AGO)
    publish(settings, NEW, at=LONG_AGO)
    kernelspecs.add("mine", environment=OLD)
    os.utime(base.lease, (LONG_AGO, LONG_AGO))
    assert clean(environments.here, 0).collected.environments == (NEW,)
    assert ids(environments) == {base.id, OLD}


def test_of_our_own_folder_goes_what_is_old_and_of_no_use(rooms: Environments, settings: Settings) -> None:
    home = settings.home
    publish(settings, NEW, packages={"built-here": "1.0"})
    uses.remember(home, NEW, None, NOW)
    gone = [
        aged(home / "built" / "k1" / "nobody-1.0-py3-none-any.whl", 40 * DAY).parent,
        aged(home / "locks" / "old.json", LOCKS + DAY),
        aged(home / "uses" / f".{NEW}.json.0123abcd", 2 * DAY),
        aged(home / "kernels" / "gone.json", 2 * DAY),
    ]
    stays = [
        aged(home / "built" / "k2" / "built_here-1.0-py3-none-any.whl", 40 * DAY),
        aged(home / "built" / "k3" / "nobody-2.0-py3-none-any.whl", 20 * DAY),
        aged(home / "locks" / "young.json", 40 * DAY),
        aged(home / "pending" / "waits.json", 400 * DAY),
        aged(home / "consents.json", 400 * DAY),
        home / "uses" / f"{NEW}.json",
    ]
    uses.remember(home, OLD, "/work/a.ipynb", NOW - 40 * DAY)
    gone.append(home / "uses" / f"{OLD}.json")
    cleaned = clean(rooms.here, 30)
    assert [path for path in gone if path.exists()] == []
    assert [path for path in stays if not path.exists()] == []
    assert set(cleaned.leftovers) == set(gone)


def test_what_uv_unpacked_goes_too_unless_uv_is_at_work(rooms: Environments, settings: Settings) -> None:
    """It shares its files with the wheels of the store: without this, nothing would be freed."""
    cache = settings.cache / "uv"
    old, young = unpacked(cache, "AbcAbcAbcAbcAbc1", 40 * DAY), unpacked(cache, "DefDefDefDefDef1", 20 * DAY)
    (cache / ".lock").touch()
    uv = hold(cache / ".lock")
    assert uv
    with uv:
        assert clean(rooms.here, 30).nothing
    assert clean(rooms.here, 30).leftovers == (old,)
    assert not old.exists() and young.exists()
    assert [path.parent.name for path in cache.rglob("*.rev")] == [young.name], "nothing leads to what has gone"


def test_what_uv_leaves_behind_goes_where_it_is_known_how_uv_writes_things_down(
    rooms: Environments, settings: Settings
) -> None:
    cache = settings.cache / "uv"
    orphan = aged(cache / "archive-v0" / "OldOldOldOldOld1" / "METADATA", 40 * DAY).parent
    assert clean(rooms.here, 30).nothing and orphan.exists()
    young = unpacked(cache, "DefDefDefDefDef1", 20 * DAY)
    assert clean(rooms.here, 30).leftovers == (orphan,)
    assert not orphan.exists() and young.exists()


def test_uv_does_not_wait_while_what_it_unpacked_is_deleted(
    rooms: Environments, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what was moved away before a crash goes the next time."""
    cache = settings.cache / "uv"
    unpacked(cache, "AbcAbcAbcAbcAbc1", 40 * DAY)
    (cache / ".lock").touch()
    deleted: list[bool] = []
    monkeypatch.setattr(uv_cache, "delete", lambda _: deleted.append(is_held(cache / ".lock")))
    clean(rooms.here, 30)
    assert deleted == [False] and not list(cache.glob("archive-v0/*"))
    monkeypatch.undo()
    clean(rooms.here, 30)
    assert [*cache.rglob("METADATA")] == []


def test_journals_of_jobs_that_ended_go_with_the_limit(rooms: Environments, settings: Settings) -> None:
    jobs = settings.home / "jobs"
    old = aged(jobs / "20200101T000000-aaaaaaaa" / "journal.jsonl", 40 * DAY)
    young = aged(jobs / "20200102T000000-aaaaaaaa" / "journal.jsonl", 20 * DAY)
    os.utime(old.parent, (NOW - 40 * DAY, NOW - 40 * DAY))
    clean(rooms.here, 30)
    assert not old.parent.exists() and young.exists()


def test_a_home_that_is_not_there_yet_needs_no_cleaning(tmp_path: Path) -> None:
    rooms = Environments(Settings(home=tmp_path / "no", store=tmp_path / "no" / "store"))
    assert clean(rooms.here, 0).nothing
    assert not (tmp_path / "no" / "store").exists()
