"""What people are told of the environments on their machine."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from jupyter_envs.cli.list import WIDTH, lines
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.model.options import Options
from jupyter_envs.settings import Settings
from jupyter_envs.store import Store, uses
from jupyter_envs.store.inventory import Entry, entries
from jupyter_envs.system.leases import hold

from .stores import environment_id, publish
from .typed import typed

ONE, OTHER = environment_id(1), environment_id(2)
BUILT = 1_795_251_600.0


def only(settings: Settings, **how: bool) -> Entry:
    (entry,) = entries(Store(settings), settings.home, **how)
    return entry


def test_an_environment_is_told_with_size_age_and_who_used_it(settings: Settings) -> None:
    publish(settings, ONE, at=BUILT, own=300, shared=5000, mode="copy")
    uses.remember(settings.home, ONE, "/work/a.ipynb", BUILT + 50)
    uses.remember(settings.home, ONE, "/work/b.ipynb", BUILT + 200)
    told = only(settings).to_dict()
    assert (told["own"], told["shared"], told["created"], told["used"]) == (300, 5000, BUILT, BUILT + 200)
    assert told["notebooks"] == ["/work/b.ipynb", "/work/a.ipynb"]
    assert (told["running"], told["state"], told["mine"], told["mode"]) == (False, "ready", True, "copy")


def test_the_last_start_counts_as_a_use(settings: Settings) -> None:
    folder = publish(settings, ONE, at=BUILT)
    os.utime(folder / "lease", (BUILT + 900, BUILT + 900))
    assert only(settings).used == BUILT + 900


def test_it_runs_while_somebody_holds_its_lease(settings: Settings) -> None:
    folder = publish(settings, ONE)
    lease = hold(folder / "lease")
    assert lease
    with lease:
        assert only(settings).running
    assert not only(settings).running


def test_one_whose_python_was_changed_or_is_gone_is_told_as_such(settings: Settings, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("one")
    folder = publish(settings, ONE, python=python)
    assert only(settings).state == "ready"
    python.write_text("another")
    assert only(settings).state == "stale-python"
    python.unlink()
    assert only(settings).state == "stale-python"
    assert Store(settings).list() == [] and folder.exists()


@pytest.mark.parametrize("how", [{"linking": 0}, {"stubs": "/where/we/were"}], ids=["older", "moved"])
def test_one_that_is_linked_again_before_its_next_use_is_told_as_such(
    settings: Settings, how: dict[str, object]
) -> None:
    publish(settings, ONE, **how)
    told = only(settings)
    assert (told.state, only(settings, thorough=True).state) == ("outdated", "outdated")
    assert "older version" in "\n".join(lines([told]))


def test_those_of_a_shared_store_are_told_once_and_are_not_mine(settings: Settings, tmp_path: Path) -> None:
    shared = Settings(home=settings.home, store=tmp_path / "shared")
    publish(shared, ONE, own=1)
    publish(settings, ONE, own=2)
    publish(settings, OTHER)
    both = Settings(home=settings.home, store=settings.store, shared_stores=(shared.store,))
    assert [(e.id, e.mine, e.pointer.own) for e in entries(Store(both), both.home)] == [
        (ONE, False, 1),
        (OTHER, True, 0),
    ]


def test_damaged_pointers_and_foreign_folders_are_no_environments(settings: Settings) -> None:
    folder = publish(settings, ONE)
    (folder.parent / "not-an-id").mkdir()
    (folder.parent / OTHER).mkdir()
    (folder.parent / OTHER / "current.json").write_bytes((folder / "current.json").read_bytes())
    assert only(settings).id == ONE, "a pointer says whose it is"
    (folder / "current.json").write_text("{")
    assert list(entries(Store(settings), settings.home)) == []


def test_a_change_is_a_use_of_what_was_and_of_what_is(
    environments: Environments, settings: Settings, tmp_path: Path
) -> None:
    """So that gc spares what undo needs."""
    notebook = tmp_path / "a.ipynb"
    options = Options(notebook=notebook)
    first = environments.install(None, typed("demo<2"), options=options)
    assert first.environment
    second = environments.install(first.block, typed("demo-dep"), options=options)
    assert second.environment
    for change in (first, second):
        assert change.environment
        assert str(notebook) in uses.of(settings.home, change.environment.id).notebooks
    (settings.home / "uses" / f"{second.environment.id}.json").unlink()
    environments.build(second.block, options=options)
    assert str(notebook) in uses.of(settings.home, second.environment.id).notebooks


def test_a_table_fits_a_terminal(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    now = time.time()
    publish(settings, ONE, at=now - 3 * 86400, own=310_000, shared=512_000_000)
    publish(settings, OTHER, at=now - 90_000_000, own=4_096)
    for number, path in enumerate(
        [tmp_path / "a.ipynb", Path.home() / "b.ipynb", Path("/very" * 30, "c.ipynb"), "/d", "/e"]
    ):
        uses.remember(settings.home, ONE, path, now - 7200 - number)
    shown = list(lines(sorted(entries(Store(settings), settings.home), key=lambda entry: -entry.used)))
    assert max(map(len, shown)) <= WIDTH
    assert shown[1].split() == [ONE[:8], *f"{only_version(settings)} 1 310 kB 512 MB 3 d 2 h".split()]
    assert shown[2:6] == [
        "  a.ipynb",
        "  ~/b.ipynb",
        "  " + "…" + ("/very" * 30 + "/c.ipynb")[-(WIDTH - 3) :],
        "  and 2 more",
    ]
    assert shown[-1] == "2 environments, 314 kB of their own."


def only_version(settings: Settings) -> str:
    return next(iter(entries(Store(settings), settings.home))).pointer.python.version
