"""Whoever has worked with version 0.1.0 goes on where he was: its store, its home, its consents, its notebooks and its
kernels are read as they are. They were made by its own code (former/), and this version then took its place."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.settings import Settings

from .former import pack
from .former.machine import Machine, updated
from .local_index import LocalIndex
from .wheels import wheel


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, served: LocalIndex) -> Iterator[Machine]:
    with served.borrowed() as index:
        index.add(
            wheel("demo", "1.0"),
            wheel("demo", "2.0", requires=["demo-dep>=1"]),
            wheel("demo-dep", "1.0"),
            wheel("demo-dep", "1.1"),
            wheel("brittle", "1.0"),
            wheel("needs-old", "1.0", requires=["demo-dep<1.1"]),
            wheel("shout", "1.0", entry_points={"console_scripts": ["shout = shout:main"]},
                  files={"shout.py": "def main():\n    print('HELLO')\n"}),
        )  # fmt: skip
        with updated(tmp_path_factory.mktemp("former"), index) as machine:
            yield machine


@pytest.fixture
def rooms(machine: Machine, home: Path, monkeypatch: pytest.MonkeyPatch) -> Environments:
    """The use cases of its user. `home` comes first, whose variables are others."""
    for name, value in machine.environ.items():
        if name != "PYTHONPATH":
            monkeypatch.setenv(name, value)
    return Environments(Settings.load())


def content(folder: Path) -> dict[str, tuple[int, int]]:
    """Each file, with what changes when it is written again; but for leases, which say when they were taken."""
    found = {path: path.lstat() for path in folder.rglob("*") if path.name != "lease" and not path.is_dir()}
    return {str(path): (status.st_ino, status.st_mtime_ns) for path, status in found.items()}


def test_the_archive_is_what_was_committed() -> None:
    try:
        expected = pack.packed()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no clone, or one without that commit")
    assert pack.unpacked(expected) == pack.unpacked(pack.ARCHIVE.read_bytes())


@pytest.mark.parametrize("name", ["own", "theirs"])
def test_its_environments_are_used_as_they_are(machine: Machine, rooms: Environments, name: str) -> None:
    before = content(rooms.settings.store)
    status = machine.run("status", machine.notebook(name))
    assert status["state"] == "ready"
    found = rooms.store.find(status["environment"]["id"])
    assert found and rooms.store.health(found.id) is None and rooms.store.health(found.id, thorough=True) is None
    assert machine.run("build", machine.notebook(name))["environment"]["prefix"] == str(found.prefix)
    assert content(rooms.settings.store) == before
