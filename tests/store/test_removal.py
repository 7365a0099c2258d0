"""What is to go goes, whatever it is; what cannot go is told, and keeps nothing else from going."""

from __future__ import annotations

import errno
import math
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jupyter_envs.errors import InstallError
from jupyter_envs.settings import Settings
from jupyter_envs.store import Environment, Store
from jupyter_envs.store.gc import collect
from jupyter_envs.system.removal import bytes_of, delete, take_away

from .mounts import layered
from .scene import Bringer, approved, closure, problems, strays, works

DEEP = 3000
"""More than a path can say: 4096 bytes with what is above, and each `d/` is two."""


def dig(folder: Path, depth: int) -> None:
    """With a file at the bottom."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        deeper = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(os.open("bottom", os.O_WRONLY | os.O_CREAT, dir_fd=here))
    os.close(here)


@contextmanager
def made_deep(folder: Path) -> Iterator[None]:
    dig(folder, DEEP)
    try:
        yield
    finally:  # or nobody could sweep what a failed test leaves
        delete(folder)


@pytest.fixture
def store(settings: Settings) -> Store:
    return Store(settings)


def build(store: Store, *names: str) -> Environment:
    return store.ensure(approved(store.settings, closure(*names)), Bringer())


@pytest.mark.skipif(os.unlink not in os.supports_dir_fd, reason="paths are all that there is")
def test_a_tree_deeper_than_a_path_can_say_is_counted_and_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "deep"
    folder.mkdir()
    with made_deep(folder):
        assert bytes_of(folder) >= DEEP
        assert delete(folder) == [] and not folder.exists()


def test_what_is_frozen_shut_or_without_an_encoding_is_deleted_and_links_are_not_followed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    folder = tmp_path / "gone"
    for name in (b"\xff\xfe", b"shut", b"a/b/c"):
        (place := folder / os.fsdecode(name)).mkdir(parents=True)
        (place / os.fsdecode(b"caf\xe9")).touch()
    (folder / "link").symlink_to(kept)
    (folder / "a" / "b").chmod(0o555)
    (folder / "shut").chmod(0)
    folder.chmod(0o555)
    assert delete(folder) == [] and not folder.exists()
    assert (kept / "file").exists()
    (tmp_path / "link").symlink_to(kept)
    assert delete(tmp_path / "link") == [] and (kept / "file").exists()
    assert delete(tmp_path / "never was") == []


def test_what_is_left_of_a_build_goes_however_deep_it_is(store: Store, settings: Settings) -> None:
    made = build(store, "apple")
    for place in (
        store.own.root / "s" / "x",
        store.own.trash / "x",
        store.own.wheels.root / "k" / "00000001",
        made.folder / "b-00000001",
    ):
        place.mkdir(parents=True)
        with made_deep(place):
            collect(store, {}, older_than=math.inf)
            assert not place.exists()
    assert strays(settings) == [] == problems(settings)


class Deep(Bringer):
    """`under`: where a folder without end lies in the wheel."""

    def __init__(self, under: str, depth: int) -> None:
        super().__init__()
        self._under, self._depth = under, depth

    def install(self, closure, prefix, report=None):  # type: ignore[no-untyped-def]
        super().install(closure, prefix)
        (site,) = prefix.glob("lib/*/site-packages")
        dig(site / self._under, self._depth)


@pytest.mark.parametrize("under", ["", "apple"])
@pytest.mark.parametrize("depth", [101, 1900])
def test_a_wheel_with_folders_without_end_is_refused_and_leaves_nothing(
    store: Store, settings: Settings, under: str, depth: int
) -> None:
    with pytest.raises(InstallError) as refused:
        store.ensure(approved(settings, closure("apple")), Deep(under, depth))
    assert refused.value.code == "wheel-too-deep"
    collect(store, {}, older_than=math.inf)
    assert strays(settings) == [] and store.list() == []
    assert works(build(store, "apple")) == ""


def immovable(monkeypatch: pytest.MonkeyPatch, number: int, *names: str) -> None:
    """Folders whose names begin so are not renamed."""
    real = os.rename

    def refused(source, target, **more):  # type: ignore[no-untyped-def]
        if Path(source).name.startswith(names):
            raise OSError(number, os.strerror(number), source)
        return real(source, target, **more)

    monkeypatch.setattr(os, "rename", refused)
    monkeypatch.setattr(Path, "rename", lambda self, target: refused(self, target))


def test_in_a_layer_of_an_image_what_cannot_be_renamed_is_deleted_where_it_lies(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, stays = build(store, "apple", "pear"), build(store, "apple")
    names = [gone.id, *(place.split("/")[1] for place in gone.wheels)]
    immovable(monkeypatch, errno.EXDEV, *names)
    collected = collect(store, {stays.id: math.inf}, older_than=0)
    assert (collected.environments, collected.kept) == ((gone.id,), ())
    assert not gone.folder.exists() and strays(settings) == [] == problems(settings) and works(stays) == ""
    immovable(monkeypatch, errno.EXDEV, stays.id)
    assert store.remove(stays.id) and not stays.folder.exists()


@pytest.mark.usefixtures("root")
def test_a_real_layer_is_cleaned(store: Store, settings: Settings) -> None:
    gone, stays = build(store, "apple", "pear"), build(store, "apple")
    with layered(settings.store):
        (moved := gone.prefix / "moved").parent.chmod(0o755)
        with pytest.raises(OSError, check=lambda error: error.errno == errno.EXDEV):
            (gone.prefix / "bin").rename(moved)
        for _ in range(2):
            collected = collect(store, {stays.id: math.inf}, older_than=0)
            assert collected.kept == ()
        assert [each.id for each in store.list()] == [stays.id] and strays(settings) == [] and works(stays) == ""


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EBUSY])
def test_what_cannot_be_taken_away_stays_in_use_and_keeps_nothing_else(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    stuck, gone = build(store, "apple"), build(store, "pear")
    immovable(monkeypatch, number, stuck.id, *(place.split("/")[1] for place in stuck.wheels))
    for _ in range(2):
        collected = collect(store, {}, older_than=0)
        assert [stuck.id in kept.sentence for kept in collected.kept] == [True]
        assert store.health(stuck.id) is None and works(stuck) == ""
    assert store.find(gone.id) is None and problems(settings) == []
    monkeypatch.undo()
    assert collect(store, {}, older_than=0).kept == () and strays(settings) == []


def test_a_wheel_that_cannot_be_moved_stays_published(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = build(store, "apple")
    (place,) = made.wheels
    immovable(monkeypatch, errno.EACCES, place.split("/")[1])
    (kept,) = collect(store, {}, older_than=0).kept
    assert place.split("/")[0] in kept.sentence and [wheel.place for wheel in store.own.wheels.all()] == [place]
    assert strays(settings) == []


def test_while_a_pointer_cannot_be_read_wheels_stay_and_the_rest_goes(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, shelf = build(store, "apple"), type(store.own)
    real = shelf.stated

    def unreadable(self, environment_id):  # type: ignore[no-untyped-def]
        if environment_id == made.id:
            raise PermissionError(errno.EACCES, "Permission denied", str(made.folder))
        return real(self, environment_id)

    (store.own.trash / "x").mkdir()
    monkeypatch.setattr(shelf, "stated", unreadable)
    collected = collect(store, {}, older_than=0)
    assert any(made.id in kept.sentence for kept in collected.kept)
    monkeypatch.undo()
    assert not list(store.own.trash.iterdir()) and works(made) == "" and problems(settings) == []


@pytest.mark.usefixtures("root")
def test_an_immutable_file_is_told_each_time_and_the_rest_goes(store: Store) -> None:
    stuck = store.own.root / "s" / "stuck"
    store.own.ready()
    for folder in (stuck / "a", stuck / "b", store.own.trash / "x"):
        folder.mkdir(parents=True)
        (folder / "file").touch()
    file = stuck / "a" / "file"
    if subprocess.run(["chattr", "+i", file], capture_output=True, check=False).returncode:
        pytest.skip("no such attribute here")
    try:
        for _ in range(2):
            (kept,) = collect(store, {}, older_than=0).kept
            assert "s/stuck" in kept.sentence and "file: Operation not permitted" in kept.sentence
        assert file.exists() and not (stuck / "b").exists() and not list(store.own.trash.iterdir())
    finally:
        subprocess.run(["chattr", "-i", file], check=True)
    assert collect(store, {}, older_than=0).kept == () and not stuck.exists()


def test_what_could_not_be_moved_is_as_frozen_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o555)
    immovable(monkeypatch, errno.EACCES, "folder")
    with pytest.raises(PermissionError):
        take_away(folder, tmp_path / "trash")
    assert folder.stat().st_mode & 0o777 == 0o555
