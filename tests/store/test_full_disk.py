"""A full disk, of the store, of uv's cache, of our home, of the notebook: said so, by name; what was there is there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from jupyter_envs.consent import gate
from jupyter_envs.engines.uv.installer import UvInstaller
from jupyter_envs.engines.uv.tool import Engine
from jupyter_envs.environments.here import Here
from jupyter_envs.environments.publishing import publish
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import EnvsError, StoreError
from jupyter_envs.machine.indexes import load
from jupyter_envs.model.closure import Closure
from jupyter_envs.settings import Settings
from jupyter_envs.store import Environment, Store
from jupyter_envs.store.finishing import finish, go_on, unfinished

from ..fakes import HERE, FakeInstaller, closure, row
from ..folded.bench import Notes
from ..kernel.real import write_notebook
from ..local_index import LocalIndex
from ..wheels import Dist, wheel
from .mounts import fill, tmpfs
from .scene import approved, dists, problems, rows_of, strays, works

pytestmark = pytest.mark.usefixtures("root")


@pytest.fixture
def wheels(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Dist]]:
    big = [wheel(f"big{n}", files={f"big{n}/__init__.py": "", f"big{n}/data.bin": bytes(400_000)}) for n in range(4)]
    wheels = [*dists(2, 4), *big]
    with LocalIndex(wheels) as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
        yield wheels


def build(settings: Settings, wheels: list[Dist]) -> Environment:
    value = Closure(HERE, rows_of(wheels))
    with Engine(settings, load(settings)) as engine:
        return Store(settings).ensure(approved(settings, value), UvInstaller(engine))


@pytest.mark.parametrize("leave", [0, 60_000, 500_000, 1_200_000])
def test_of_the_store(settings: Settings, wheels: list[Dist], tmp_path: Path, leave: int) -> None:
    with tmpfs(tmp_path / "small", "6m") as disk:
        here = replace(settings, store=disk / "store")
        first = build(here, wheels[:2])
        filling = fill(disk, leave)
        with pytest.raises(EnvsError) as caught:
            build(here, wheels)
        assert caught.value.code == "disk-full", caught.value.details
        assert str(disk) in caught.value.sentence, "which disk"
        assert Store(here).health(first.id) is None and works(first) == ""
        assert problems(here) == [] == strays(here)
        filling.unlink()
        build(here, wheels)
        assert problems(here) == [] == strays(here)


def test_of_the_store_when_bytecode_is_made(settings: Settings, wheels: list[Dist], tmp_path: Path) -> None:
    with tmpfs(tmp_path / "small", "6m") as disk:
        here = replace(settings, store=disk / "store", compile="now")
        first = build(replace(here, compile="never"), wheels[:2])
        filling = fill(disk, 12_000)  # some of it fits
        with pytest.raises(StoreError, check=lambda error: error.code == "disk-full"):
            finish(here)
        go_on(here, notes := Notes())
        assert [note for note in notes.told if "is full" in note and "not compiled yet" in note]
        assert len(list(unfinished(Store(here).own))) == 2 and not list(disk.rglob("*.new"))
        assert works(first) == "" and Store(here).health(first.id) is None
        filling.unlink()
        finish(here)
        assert list(unfinished(Store(here).own)) == [] and works(first) == ""


def test_of_uvs_cache(settings: Settings, wheels: list[Dist], home: Path) -> None:
    with tmpfs(home / "cache" / "uv", "2m") as disk:
        first = build(settings, wheels[:2])
        fill(disk, 300_000)
        with pytest.raises(EnvsError) as caught:
            build(settings, wheels)
        assert caught.value.code == "disk-full", caught.value.details
        assert str(home / "cache") in caught.value.sentence, caught.value.sentence
        assert works(first) == "" and problems(settings) == [] == strays(settings)


def test_of_the_home(environments: Environments, tmp_path: Path) -> None:
    with tmpfs(tmp_path / "small", "2m") as disk:
        notebook = write_notebook(tmp_path / "a.ipynb")
        before = notebook.read_bytes()
        filling = fill(disk, 0)
        done = install(
            notebook, JUPYTER_ENVS_HOME=str(disk / "home"), JUPYTER_ENVS_STORE=str(environments.here.settings.store)
        )
        assert done.returncode == 1 and "error[disk-full]" in done.stderr and str(disk) in done.stderr, done.stderr
        filling.unlink()
        (disk / "home").mkdir(mode=0o700, exist_ok=True)
        fill(disk, 0)
        done = install(
            notebook, JUPYTER_ENVS_HOME=str(disk / "home"), JUPYTER_ENVS_STORE=str(environments.here.settings.store)
        )
        assert done.returncode == 1 and "error[disk-full]" in done.stderr and str(disk) in done.stderr, done.stderr
        assert notebook.read_bytes() == before


def test_of_the_home_when_an_answer_about_the_start_is_kept(settings: Settings, tmp_path: Path) -> None:
    """A kernel may be waiting: it starts the stand-in for one of our errors, and for no other."""
    with tmpfs(tmp_path / "small", "2m") as disk:
        here = Here(replace(settings, home=disk / "home"))
        wanted = closure(row("sitecustomize"))
        yes = gate.approve(wanted, wanted.consent_digest({}), here.consents, gate.Answer(typed=True))
        filling = fill(disk, 0)
        with pytest.raises(StoreError, check=lambda error: error.code == "disk-full") as caught:
            publish(yes, FakeInstaller(), here)
        assert str(disk) in caught.value.sentence and here.store.list() == []
        filling.unlink()
        assert publish(yes, FakeInstaller(), here) == here.store.find(wanted.id)


def test_of_the_notebook(environments: Environments, tmp_path: Path) -> None:
    with tmpfs(tmp_path / "small", "300k") as disk:
        notebook = write_notebook(disk / "a.ipynb")
        before = notebook.read_bytes()
        filling = fill(disk, 0)
        done = install(notebook)
        assert done.returncode == 1 and "No space left" in done.stderr and str(notebook) in done.stderr, done.stderr
        assert notebook.read_bytes() == before
        assert sorted(path.name for path in disk.iterdir()) == ["a.ipynb", "filling"]
        filling.unlink()
        assert install(notebook).returncode == 0
        assert b"demo" in notebook.read_bytes()


def install(notebook: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "jupyter_envs", "install", str(notebook), "demo"]
    return subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, **variables})
