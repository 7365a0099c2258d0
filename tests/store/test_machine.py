"""Any order of building, starting, ending, gc, damage, moving the store and upgrading Python: what is found is whole,
and what runs keeps its files."""

from __future__ import annotations

import ctypes
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import booleans, sampled_from
from msgspec.structs import replace

from jupyter_envs.settings import Settings
from jupyter_envs.store import Environment, Store
from jupyter_envs.store.gc import collect
from jupyter_envs.store.verification import verify
from jupyter_envs.system.leases import Lease

from ..fakes import HERE
from .conftest import Rounds
from .faults import Libc
from .scene import Bringer, approved, closure, problems, strays

NAMES = ("apple", "fig", "pear")
SETS = (("apple",), ("apple", "fig"), ("fig", "pear"), NAMES)


class Machine(RuleBasedStateMachine):
    home: Settings

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(dir=self.home.store)
        self.place = Path(self._folder.name)
        self.settings = replace(self.home, store=self.place / "store-0")
        self.python = replace(HERE, path=self.place / "python")
        self.python.path.write_text("0")
        self.changes = 0
        self.running: list[tuple[Environment, Lease, frozenset[str]]] = []

    @property
    def store(self) -> Store:
        return Store(self.settings)

    def id_of(self, names: tuple[str, ...]) -> str:
        return closure(*names, python=self.python).id

    @rule(names=sampled_from(SETS), mode=sampled_from(["links", "links", "copy", "hardlink"]))
    def build(self, names: tuple[str, ...], mode: str) -> None:
        here = replace(self.settings, link_mode=mode)
        value = closure(*names, python=self.python)
        made = Store(here).ensure(approved(here, value), Bringer(quick=True))
        assert self.store.find(value.id) == made and self.store.health(value.id) is None

    @rule(names=sampled_from(SETS))
    def start(self, names: tuple[str, ...]) -> None:
        if self.store.health(self.id_of(names)) is None:
            held = self.store.hold(self.id_of(names))
            assert held, "what is well can be started from"
            self.running.append((*held, frozenset(files(held[0]))))

    @precondition(lambda self: self.running)
    @rule()
    def end(self) -> None:
        self.running.pop(0)[1].close()

    @rule(everything=booleans())
    def clean(self, everything: bool) -> None:
        collect(self.store, {}, older_than=0 if everything else 3600)
        used = {environment.id for environment, _, _ in self.running}
        if everything:
            assert {environment.id for environment in self.store.list()} <= used
        if not used:
            assert strays(self.settings) == []

    @rule(name=sampled_from(NAMES), how=sampled_from(["added", "taken", "replaced"]))
    def spoil_folder(self, name: str, how: str) -> None:
        """As `uv pip install` does as root, through the link to the folder."""
        hit = [each for each in self.store.list() if name in each.packages and self.store.health(each.id) is None]
        linked = [each for each in hit if (each.site[0] / name).is_symlink()]
        if not linked:
            return
        folder = (linked[0].site[0] / name).resolve()
        hit = [each for each in linked if (each.site[0] / name).resolve() == folder]
        spoil(folder, how)
        self.forgive(folder)
        assert [self.store.health(each.id) for each in hit] == ["env-drift"] * len(hit)
        assert [self.store.find(each.id) for each in hit] == [None] * len(hit)

    @rule(names=sampled_from(SETS))
    def spoil_file(self, names: tuple[str, ...]) -> None:
        """In place, which no folder tells: comparing every file finds it, in every environment that has it."""
        environment = self.store.find(self.id_of(names))
        if environment is None or self.store.health(environment.id):
            return
        part = (environment.site[0] / names[0] / "part.py").resolve()
        part.chmod(0o644)
        part.write_text("x = 666\n")
        (found,) = verify(self.store, [environment.id])
        assert found.damage and found.withdrawn
        verify(self.store)
        assert self.store.find(environment.id) is None

    @precondition(lambda self: not self.running)
    @rule()
    def move(self) -> None:
        self.changes += 1
        there = self.place / f"store-{self.changes}"
        if self.settings.store.exists():
            self.settings.store.rename(there)
        self.settings = replace(self.settings, store=there)
        assert self.store.list() == [], "commands name the old place"

    @rule()
    def upgrade_python(self) -> None:
        self.changes += 1
        self.python.path.write_text("x" * self.changes)
        assert self.store.list() == []

    def forgive(self, folder: Path) -> None:
        """What was spoiled on purpose need not be there any more."""
        for number, (environment, lease, known) in enumerate(self.running):
            kept = frozenset(
                path for path in known if folder not in Path(path).resolve().parents and Path(path).exists()
            )
            self.running[number] = (environment, lease, kept)

    @invariant()
    def what_is_found_is_whole(self) -> None:
        assert problems(self.settings) == []
        for environment in self.store.list():
            name = next(iter(environment.packages))
            assert str(environment.prefix) in (environment.bin / name).read_text(), "its commands are its own"

    @invariant()
    def what_runs_keeps_its_files(self) -> None:
        for environment, _, known in self.running:
            assert [path for path in known if not Path(path).exists()] == [], environment.id

    def teardown(self) -> None:
        for _, lease, _ in self.running:
            lease.close()
        self.running.clear()
        collect(self.store, {}, older_than=0)
        assert self.store.list() == [] == strays(self.settings)
        self._folder.cleanup()


def files(environment: Environment) -> Iterator[str]:
    for place, _, names in os.walk(environment.prefix, followlinks=True):
        if not place.endswith("__pycache__"):
            yield from (f"{place}/{name}" for name in names)


def spoil(folder: Path, how: str) -> None:
    folder.chmod(0o755)
    if how == "added":
        (folder / "intruder.py").write_text("import os\n")
    else:
        (folder / "part.py").unlink()
    if how == "replaced":
        (folder / "part.py").write_text("x = 666\n")


@pytest.mark.timeout(3600)
def test_any_order_of_events(settings: Settings, memory: Path, rounds: Rounds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: Libc(None))
    here = type("Here", (Machine,), {"home": replace(settings, store=memory)})
    run_state_machine_as_test(
        here,
        settings=hypothesis.settings(
            max_examples=rounds(100, 2000), stateful_step_count=25, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
