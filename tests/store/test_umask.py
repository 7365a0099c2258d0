"""Whatever the umask of who fills a store, nobody else can write to what is published in it; what somebody can write to
is not used."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from jupyter_envs.errors import StoreError
from jupyter_envs.settings import Settings
from jupyter_envs.store import Environment, Store
from jupyter_envs.store.sharing import share
from jupyter_envs.store.shelf import KEEPS

from .scene import Bringer, approved, closure, works

pytestmark = pytest.mark.skipif(os.name != "posix", reason="no such modes here")


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def fill(settings: Settings) -> Environment:
    made = Store(settings).ensure(approved(settings, closure("apple", "pear")), Bringer())
    share(settings.store)
    return made


def published(store: Path) -> Iterator[Path]:
    """And what leads there."""
    for path in (store, *store.rglob("*")):
        if (
            path.relative_to(store).parts[:2] not in [("v1", name) for name in ("locks", "s", "trash")]
            and not path.is_symlink()
        ):
            yield path


@pytest.fixture
def shared(tmp_path: Path) -> Settings:
    store = tmp_path / "shared"
    store.mkdir(mode=0o755)
    return Settings(home=tmp_path / "admin", store=store, compile="now")


@pytest.fixture
def user(settings: Settings, shared: Settings) -> Settings:
    return replace(settings, shared_stores=(shared.store,))


@pytest.mark.parametrize("link_mode", ["links", "hardlink", "copy"])
@pytest.mark.parametrize("mask", [0o000, 0o002, 0o077])
def test_a_store_is_as_readable_and_as_closed_with_any_umask(shared: Settings, mask: int, link_mode: str) -> None:
    for compile in ("never", "now"):  # finished or not
        with umask(mask):
            made = fill(replace(shared, link_mode=link_mode, compile=compile))
        modes = {path: path.stat().st_mode for path in published(shared.store)}
        assert [path for path, mode in modes.items() if mode & (stat.S_IWGRP | stat.S_IWOTH)] == []
        assert [path for path, mode in modes.items() if mode & 0o444 != 0o444] == [] and works(made) == ""
        Store(shared).remove(made.id)


def levels(made: Environment, store: Path) -> dict[str, Path]:
    """From the store down to what Python reads."""
    wheel = store / "v1" / "w" / made.wheels[0]
    return {"store": store, "v1": store / "v1", "e": made.folder.parent, "e/<id>": made.folder, "b-<8>": made.prefix,
            "current.json": made.folder / "current.json", "b-<8>.json": made.folder / f"{made.prefix.name}.json",
            "w": store / "v1" / "w", "w/<key>": wheel.parent, "w/<key>/<8>": wheel, "l": wheel / "l"}  # fmt: skip


LEVELS = ("store", "v1", "e", "e/<id>", "b-<8>", "current.json", "b-<8>.json", "w", "w/<key>", "w/<key>/<8>", "l")
ENVIRONMENT_ONLY = ("e", "e/<id>", "b-<8>", "current.json", "b-<8>.json")


def refused(settings: Settings, made: Environment, place: Path) -> None:
    with pytest.raises(StoreError) as caught:
        Store(settings).health(made.id)
    assert caught.value.code == "store-unsafe" and caught.value.sentence.startswith(f"{place} "), caught.value.sentence
    assert "chmod" in caught.value.hint


@pytest.mark.parametrize("level", LEVELS)
def test_each_level_that_others_can_write_to_is_refused_by_name(user: Settings, shared: Settings, level: str) -> None:
    made = fill(shared)
    assert Store(user).health(made.id) is None
    place = levels(made, shared.store)[level]
    before = stat.S_IMODE(place.stat().st_mode)
    for bit in (stat.S_IWGRP, stat.S_IWOTH):
        place.chmod(before | bit)
        refused(user, made, place)
    place.chmod(before | stat.S_IWOTH | stat.S_ISVTX)  # who owns what is in it could be anybody
    refused(user, made, place)
    place.chmod(before)
    assert Store(user).health(made.id) is None


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("level", LEVELS)
def test_each_level_of_somebody_else_is_refused_by_name(user: Settings, shared: Settings, level: str) -> None:
    made = fill(shared)
    place = levels(made, shared.store)[level]
    os.chown(place, 12345, 12345)
    refused(user, made, place)


@pytest.mark.parametrize("level", [level for level in LEVELS if level not in ENVIRONMENT_ONLY])
def test_no_environment_is_linked_to_wheels_that_others_can_write_to(
    user: Settings, shared: Settings, level: str
) -> None:
    made = fill(shared)
    (shared.store / "v1" / KEEPS).touch()
    mine = approved(user, closure("apple", "plum"))
    linked = Store(user).ensure(mine, Bringer())
    assert shared.store in (linked.site[0] / "apple").resolve().parents
    place = levels(made, shared.store)[level]
    place.chmod(place.stat().st_mode | stat.S_IWGRP)
    refused(user, linked, place)
    with pytest.raises(StoreError, match="other users can write to it"):
        Store(user).ensure(approved(user, closure("apple", "fig")), Bringer())


def test_a_private_store_is_nobodys_business(settings: Settings) -> None:
    """Its owner alone comes to what is in it."""
    made = Store(settings).ensure(approved(settings, closure("apple")), Bringer())
    made.folder.chmod(0o775)
    assert Store(settings).health(made.id) is None
    settings.store.chmod(0o755)
    refused(settings, made, made.folder)
