"""Stores in unusual places: read-only, on another disk, without links or locks, with odd names; Pythons that go."""

from __future__ import annotations

import fcntl
import math
import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from jupyter_envs.engines.uv.installer import UvInstaller
from jupyter_envs.engines.uv.tool import Engine
from jupyter_envs.errors import StoreError
from jupyter_envs.machine.indexes import load
from jupyter_envs.machine.interpreters import Interpreter
from jupyter_envs.model.closure import Closure
from jupyter_envs.settings import Settings
from jupyter_envs.store import Environment, Store
from jupyter_envs.store.gc import UNSURE, collect
from jupyter_envs.store.shelf import Shelf
from jupyter_envs.system.leases import Claim

from ..fakes import HERE
from ..local_index import LocalIndex
from .mounts import bound_read_only, tmpfs
from .scene import Bringer, approved, closure, dists, problems, rows_of, strays, works


def build(settings: Settings, *names: str, python: Interpreter = HERE) -> Environment:
    return Store(settings).ensure(approved(settings, closure(*names, python=python)), Bringer())


# -- Pythons that go ---------------------------------------------------------------------------------------------


@pytest.fixture
def copied(tmp_path: Path) -> Interpreter:
    """A Python of our own to upgrade and to remove."""
    path = tmp_path / "base" / "bin" / HERE.path.name
    path.parent.mkdir(parents=True)
    shutil.copy2(HERE.path, path)
    (tmp_path / "base" / "lib").symlink_to(HERE.path.parent.parent / "lib")
    done = subprocess.run([path, "-c", "import ssl"], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("a copy of this Python does not work")
    return replace(HERE, path=path)


def test_an_upgraded_python_is_seen_without_running_it(settings: Settings, copied: Interpreter) -> None:
    first = build(settings, "apple", "pear", python=copied)
    assert works(first) == ""
    new = copied.path.with_name("new")
    shutil.copy2(HERE.path, new)
    new.replace(copied.path)
    store = Store(settings)
    assert (
        store.health(first.id) == "env-stale-python" and store.find(first.id) is None and store.hold(first.id) is None
    )
    second = build(settings, "apple", "pear", python=copied)
    assert second.prefix != first.prefix and works(second) == ""
    collect(store, {}, older_than=math.inf)
    assert strays(settings) == []


def test_a_python_that_was_removed_is_seen_without_running_it(settings: Settings, copied: Interpreter) -> None:
    gone = build(settings, "apple", python=copied)
    stays = build(settings, "apple")
    copied.path.unlink()
    store = Store(settings)
    assert store.health(gone.id) == "env-stale-python" and store.find(gone.id) is None
    assert store.list() == [stays] and works(stays) == ""


# -- read-only ---------------------------------------------------------------------------------------------------


def refused(settings: Settings, do: Callable[[], object]) -> None:
    with pytest.raises(StoreError) as caught:
        do()
    assert caught.value.code == "store-read-only" and str(settings.store) in caught.value.sentence


@pytest.mark.usefixtures("root")
def test_from_a_read_only_store_is_started_and_nothing_else(settings: Settings) -> None:
    there = build(settings, "apple", "pear")
    with bound_read_only(settings.store):
        store = Store(settings)
        assert store.health(there.id) is None and works(there) == ""
        held = store.hold(there.id)
        assert held and held[0] == there
        held[1].close()
        assert build(settings, "apple", "pear") == there
        refused(settings, lambda: build(settings, "apple"))
        refused(settings, lambda: build(settings, "apple", "plum"))
        refused(settings, lambda: store.remove(there.id))
        refused(settings, lambda: collect(store, {}, older_than=0))
    assert problems(settings) == [] == strays(settings)


@pytest.mark.usefixtures("root")
def test_damage_in_a_read_only_store_is_told_and_nothing_breaks(settings: Settings) -> None:
    there = build(settings, "apple")
    folder = (there.site[0] / "apple").resolve()
    folder.chmod(0o755)
    (folder / "intruder.py").touch()
    with bound_read_only(settings.store):
        assert Store(settings).health(there.id) == "env-drift"
        assert Store(settings).health(there.id) == "env-drift"
    assert Store(settings).health(there.id) == "env-drift"
    assert works(build(settings, "apple")) == ""


# -- other disks, other file systems -----------------------------------------------------------------------------


@pytest.mark.usefixtures("root")
def test_the_store_on_another_disk_than_the_cache(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels = dists(3, 6)
    with LocalIndex(wheels) as index, tmpfs(tmp_path / "disk", "20m") as disk:
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
        for link_mode in ("links", "hardlink", "copy"):
            here = replace(settings, store=disk / link_mode, link_mode=link_mode)
            with Engine(here, load(here)) as engine:
                value = Closure(HERE, rows_of(wheels))
                made = Store(here).ensure(approved(here, value), UvInstaller(engine))
            assert works(made) == "" and problems(here) == [] == strays(here)


def denied(number: int) -> Callable[..., None]:
    def call(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return call


@pytest.mark.parametrize("number", [1, 38], ids=["EPERM", "ENOSYS"])
@pytest.mark.parametrize("link_mode", ["links", "hardlink"])
def test_where_there_are_no_links(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, number: int, link_mode: str
) -> None:
    """As on some network and USB disks. The environment's Python alone has to be a link."""
    real = os.symlink

    def only_python(source: str, target: object, *words: object, **more: object) -> None:
        if "/bin/" not in str(target) and not str(target).endswith("lib64"):
            denied(number)()
        real(source, str(target))

    settings = replace(settings, link_mode=link_mode)
    with monkeypatch.context() as patch:
        patch.setattr(os, "symlink", only_python)
        patch.setattr(os, "link", denied(number))
        made = build(settings, "apple", "pear")
    assert works(made) == "" and problems(settings) == []
    assert not [
        path for path in made.site[0].rglob("*") if path.is_symlink() or path.stat().st_nlink > 1 + path.is_dir() * 99
    ]
    collect(Store(settings), {}, older_than=0)
    assert strays(settings) == []


@pytest.mark.parametrize("number", [1, 37, 38, 95], ids=["EPERM", "ENOLCK", "ENOSYS", "EOPNOTSUPP"])
def test_where_there_are_no_locks(settings: Settings, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Nobody can say what is in use: then nothing goes that may be."""
    monkeypatch.setattr(fcntl, "flock", denied(number))
    made = build(settings, "apple", "pear")
    assert works(made) == "" and problems(settings) == []
    held = Store(settings).hold(made.id)
    assert held
    assert collect(Store(settings), {}, older_than=0).environments == ()
    assert Store(settings).find(made.id) == made
    held[1].close()
    old = made.created - 2 * UNSURE
    for path in (settings.store / "v1").rglob("*"):
        os.utime(path, (old, old), follow_symlinks=False)
    pointer = made.folder / "current.json"
    pointer.write_text(pointer.read_text().replace(str(made.created), str(old)))
    assert collect(Store(settings), {}, older_than=0).environments == (made.id,)
    assert works(build(settings, "apple", "pear")) == ""


@pytest.mark.parametrize("who", ["gc", "somebody who deletes it"])
def test_who_starts_while_it_is_taken_away_keeps_it_where_there_are_no_locks(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    """The start comes after the last look, and before it is unpublished."""
    monkeypatch.setattr(fcntl, "flock", denied(38))
    made, store = build(settings, "apple"), Store(settings)
    os.utime(made.lease, (0, 0))
    held = []
    original = Shelf.withdraw

    def late(self: Shelf, environment_id: str, alone: Claim) -> bool:
        held.append(store.hold(made.id))
        return original(self, environment_id, alone)

    monkeypatch.setattr(Shelf, "withdraw", late)
    if who == "gc":
        monkeypatch.setattr("jupyter_envs.store.gc.UNSURE", 0.0)
        assert collect(store, {}, older_than=0).environments == ()
    else:
        with pytest.raises(StoreError, check=lambda error: error.code == "in-use"):
            store.remove(made.id)
    assert [found and found[0] for found in held] == [made] == [store.find(made.id)]
    assert works(made) == "" and problems(settings) == [] == strays(settings)


# -- names -------------------------------------------------------------------------------------------------------

LONG = "/".join(["a long name of a folder " + "x" * 26] * 4)


@pytest.mark.parametrize("name", ["two words", 'it\'s "quoted"', "snow ☃ and 🐍", "$HOME `id` \\ %20", LONG])
def test_paths_with_odd_names(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    here = replace(settings, store=tmp_path / name)
    wheels = dists(3, 2)
    with LocalIndex(wheels) as index, Engine(here, load(here)) as engine:
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
        value = Closure(HERE, rows_of(wheels))
        engine.indexes = load(here)
        made = Store(here).ensure(approved(here, value), UvInstaller(engine))
    assert works(made) == "" and problems(here) == [] == strays(here)
    assert Store(here).health(made.id) is None


def test_a_store_that_is_reached_by_a_link(settings: Settings, tmp_path: Path) -> None:
    made = build(settings, "apple")
    (tmp_path / "link").symlink_to(settings.store)
    found = Store(replace(settings, store=tmp_path / "link")).find(made.id)
    assert found and works(found) == "" and found.prefix.samefile(made.prefix)


# -- what may be changed -----------------------------------------------------------------------------------------


def test_what_is_published_has_no_write_bits(settings: Settings) -> None:
    made = build(settings, "apple", "pear")
    writable = [
        path
        for path in made.prefix.rglob("*")
        if not path.is_symlink()
        and "__pycache__" not in path.parts
        and path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH | stat.S_IWUSR)
    ]
    assert writable == []
    assert os.access(made.bin / "apple", os.X_OK)
