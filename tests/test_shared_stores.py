"""Read-only stores in front of the user's own, as an admin of a JupyterHub fills them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from jupyter_envs.errors import StoreError
from jupyter_envs.settings import Settings
from jupyter_envs.store import Store
from jupyter_envs.store.shelf import KEEPS

from .fakes import FakeInstaller, closure, row
from .test_store import approved


@pytest.fixture
def shared(tmp_path: Path) -> Settings:
    """Filled with an environment of `six`."""
    settings = Settings(home=tmp_path / "admin", store=tmp_path / "shared", compile="never")
    settings.store.mkdir(mode=0o755)
    Store(settings).ensure(approved(settings, closure()), FakeInstaller())
    return settings


@pytest.fixture
def user(tmp_path: Path, shared: Settings) -> Settings:
    return Settings(home=tmp_path / "home", store=tmp_path / "own", shared_stores=(shared.store,), compile="never")


def test_an_environment_of_a_shared_store_is_found_and_not_built_again(user: Settings, shared: Settings) -> None:
    installer = FakeInstaller()
    found = Store(user).ensure(approved(user, closure()), installer)
    assert shared.store in found.prefix.parents and installer.installed == []
    assert [each.id for each in Store(user).list()] == [found.id]
    held = Store(user).hold(found.id)
    assert held
    held[1].close()


def test_what_a_shared_store_lacks_is_built_in_the_users_own(user: Settings, shared: Settings) -> None:
    before = sorted(map(str, shared.store.rglob("*")))
    installer = FakeInstaller()
    wanted = closure(row("six"), row("toolz"))
    made = Store(user).ensure(approved(user, wanted), installer)
    assert user.store in made.prefix.parents
    assert len(installer.installed) == 1
    assert sorted(map(str, shared.store.rglob("*"))) == before
    links = [path for path in made.prefix.rglob("*") if path.is_symlink() and path.name in ("six.py", "toolz.py")]
    assert links and all(user.store in path.resolve().parents for path in links)


def test_links_cross_stores_only_where_the_shared_one_keeps_its_wheels(user: Settings, shared: Settings) -> None:
    (shared.store / "v1" / KEEPS).touch()
    wanted = closure(row("six"), row("toolz"))
    made = Store(user).ensure(approved(user, wanted), FakeInstaller())
    assert shared.store in (made.site[0] / "six.py").resolve().parents
    assert user.store in (made.site[0] / "toolz.py").resolve().parents
    assert Store(user).health(made.id) is None


def test_the_user_removes_nothing_from_a_shared_store(user: Settings) -> None:
    assert Store(user).remove(closure().id) is False
    assert Store(user).find(closure().id)


def test_a_shared_store_that_others_can_write_to_is_refused_by_name(user: Settings, shared: Settings) -> None:
    shared.store.chmod(0o777)
    with pytest.raises(StoreError) as refused:
        Store(user).find(closure().id)
    assert refused.value.code == "store-unsafe" and str(shared.store) in refused.value.sentence


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away")
def test_a_shared_store_of_somebody_else_is_refused(user: Settings, shared: Settings) -> None:
    os.chown(shared.store, 12345, 12345)
    with pytest.raises(StoreError, match="belongs to another user"):
        Store(user).find(closure().id)


def test_an_environment_of_a_shared_store_that_was_tampered_with_is_built_in_the_users_own(user: Settings) -> None:
    spoiled = Store(user).find(closure().id)
    assert spoiled
    spoiled.site[0].chmod(0o755)
    (spoiled.site[0] / "evil.py").write_text("")
    assert Store(user).health(spoiled.id) == "env-drift"
    made = Store(user).ensure(approved(user, closure()), FakeInstaller())
    assert user.store in made.prefix.parents and Store(user).health(made.id) is None


def test_a_shared_store_that_is_not_there_does_no_harm(user: Settings, tmp_path: Path) -> None:
    lost = replace(user, shared_stores=(tmp_path / "gone",))
    assert Store(lost).find(closure().id) is None
    assert Store(lost).ensure(approved(lost, closure()), FakeInstaller())
