"""What test_users.py does as a user who may not do everything.

python -m tests.store.nobody WHAT FOLDER      an AssertionError where something is not as it should be"""

from __future__ import annotations

import math
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace
from uv import find_uv_bin

from jupyter_envs.errors import StoreError
from jupyter_envs.settings import Settings
from jupyter_envs.store import Environment, Store
from jupyter_envs.store.finishing import finish
from jupyter_envs.store.gc import collect
from jupyter_envs.store.wheel.wheels import HOPS

from ..wheels import wheel
from .scene import Bringer, approved, closure, problems, strays, works


def build(settings: Settings, *names: str) -> Environment:
    return Store(settings).ensure(approved(settings, closure(*names)), Bringer())


def uv_install(folder: Path, python: Path, name: str) -> subprocess.CompletedProcess[str]:
    """As somebody does in a terminal or a cell: version 2 of a package, whose modules take the place of version 1's."""
    wheel(name, "2.0", files={f"{name}/__init__.py": "", f"{name}/part.py": "x = 666\n"}).write(folder / "house")
    words = [
        find_uv_bin(),
        "pip",
        "install",
        "--offline",
        "--no-index",
        "--find-links",
        folder / "house",
        "-p",
        python,
        f"{name}==2.0",
    ]
    return subprocess.run(
        words, capture_output=True, text=True, env={**os.environ, "UV_CACHE_DIR": str(folder / "uv")}, check=False
    )


def frozen(settings: Settings, folder: Path) -> None:
    """Nobody changes an environment, or another one by way of it, by accident: nothing can be added, replaced or taken
    away from the first moment on, and once its wheels are finished no file be written to."""
    made = build(settings, "apple", "pear")
    for finished in (False, True):
        if finished:
            finish(settings)
        for path in (*_folders(made), *(_files(made) if finished else ())):
            assert not os.access(path, os.W_OK), path
        done = uv_install(folder, made.python, "apple")
        assert done.returncode and "ermission denied" in done.stderr, done.stderr
        assert Store(settings).health(made.id) is None and problems(settings) == [] and works(made) == ""


def _files(environment: Environment) -> Iterator[Path]:
    for place, folders, names in os.walk(environment.prefix, followlinks=True):
        folders[:] = [name for name in folders if name != HOPS]
        yield from (Path(place, name) for name in names if "__pycache__" not in place)


def _folders(environment: Environment) -> Iterator[Path]:
    (site,) = environment.site
    yield from (site, site / "apple", site / "apple" / "inner", site / "apple-1.0.dist-info", environment.bin)


def deleted(settings: Settings, folder: Path) -> None:
    """What is frozen can be taken away, and taking one away makes nothing of the others writable."""
    stays = build(settings, "apple", "pear")
    for link_mode in ("links", "hardlink", "copy"):
        gone = build(replace(settings, link_mode=link_mode), "apple", "fig")
        finish(settings)
        before = _modes(settings)
        assert Store(settings).remove(gone.id)
        assert not list((settings.store / "v1" / "trash").iterdir())
        assert _modes(settings) == before
    collect(Store(settings), {stays.id: math.inf}, older_than=0)
    assert problems(settings) == [] == strays(settings) and works(stays) == ""
    collect(Store(settings), {}, older_than=0)
    assert not list((settings.store / "v1" / "w").iterdir()) and strays(settings) == []


def _modes(settings: Settings) -> dict[Path, int]:
    return {path: path.stat().st_mode for path in (settings.store / "v1" / "w").rglob("*")}


def read_only(settings: Settings, folder: Path) -> None:
    made = build(settings, "apple", "pear")
    places = [
        path
        for path in (settings.store, *(settings.store / "v1").rglob("*"))
        if path.is_dir() and not path.is_symlink()
    ]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in places}
    for path in places:
        path.chmod(0o555)
    for lock in (settings.store / "v1" / "locks").iterdir():
        lock.chmod(0o444)
    store = Store(settings)
    held = store.hold(made.id)
    assert held and held[0] == made and works(made) == "" and store.health(made.id) is None
    held[1].close()
    for do in (
        lambda: build(settings, "apple"),
        lambda: build(settings, "plum"),
        lambda: collect(store, {}, older_than=0),
        lambda: store.remove(made.id),
    ):
        try:
            do()
        except StoreError as error:
            assert error.code == "store-read-only", error.sentence
        else:
            raise AssertionError("it could be written to")
    assert problems(settings) == []
    for path, mode in modes.items():
        path.chmod(mode)


def unsafe(settings: Settings, folder: Path) -> None:
    """A store of somebody else's (root's is trusted)."""
    try:
        build(replace(settings, store=folder.parent / "theirs"), "apple")
    except StoreError as error:
        assert error.code in ("store-unsafe", "store-read-only"), error.code
    else:
        raise AssertionError("it was used")


WHAT = {"frozen": frozen, "deleted": deleted, "read_only": read_only, "unsafe": unsafe}

if __name__ == "__main__":
    folder = Path(sys.argv[2])
    settings = Settings(home=folder / "home", store=folder / "store", compile="never")
    WHAT[sys.argv[1]](settings, folder)
