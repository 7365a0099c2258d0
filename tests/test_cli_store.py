"""`list`, `gc` and `verify` as people and programs use them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.cli.main import main
from jupyter_envs.environments.cleaning import DAY
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.settings import Settings
from jupyter_envs.store import Store, gc
from jupyter_envs.system.removal import Kept

from .stores import environment_id, publish
from .test_cli import signals  # noqa: F401  # the handlers that main sets

OLD, NEW = environment_id(1), environment_id(2)


@pytest.fixture
def store(settings: Settings) -> Settings:
    publish(settings, OLD, at=time.time() - 100 * DAY, own=310_000)
    publish(settings, NEW)
    return settings


def out(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main(words) == code
    return capsys.readouterr().out


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    return json.loads(out(capsys, *words, "--json", code=code))


def test_gc_says_what_it_freed(store: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    would = told(capsys, "gc", "--dry-run")
    assert (would["environments"], would["days"], would["dry_run"]) == ([OLD], 30.0, True)
    lines = out(capsys, "gc").splitlines()
    assert lines[0].startswith(f"- {OLD[:8]}  Python 3.") and lines[0].endswith("used 100 d ago")
    assert lines[1].startswith("Freed: 1 environment, ") and len(lines) == 2
    assert out(capsys, "gc") == "Nothing to clean up: everything was used within the last 30 days.\n"
    assert [entry["id"] for entry in told(capsys, "list")["environments"]] == [NEW]


def test_the_limit_is_an_option_or_a_variable(
    store: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(capsys, "gc", "--dry-run", "--unused-for", "101")["environments"] == []
    monkeypatch.setenv("JUPYTER_ENVS_KEEP_DAYS", "101")
    assert told(capsys, "gc", "--dry-run")["environments"] == []
    monkeypatch.setenv("JUPYTER_ENVS_KEEP_DAYS", "0")
    assert told(capsys, "gc", "--dry-run")["days"] is None
    assert set(told(capsys, "gc", "--dry-run", "--unused-for", "0")["environments"]) == {OLD, NEW}


def test_gc_says_what_it_could_not_take_away_and_goes_on(
    store: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = store.store / "v1" / "trash" / "\udcff stuck"
    stuck.mkdir(parents=True)
    real = gc.delete
    monkeypatch.setattr(
        gc, "delete", lambda path: [Kept(path, "Operation not permitted")] if path == stuck else real(path)
    )
    assert main(["gc"]) == 0
    said = capsys.readouterr()
    assert "Freed: 1 environment, " in said.out
    assert " stuck could not be removed: Operation not permitted." in said.out + said.err


@pytest.mark.parametrize("days", ["-1", "soon", "nan", "inf"])
def test_a_limit_that_is_none_is_refused(store: Settings, capsys: pytest.CaptureFixture[str], days: str) -> None:
    assert main(["gc", f"--unused-for={days}"]) == 2
    assert len(Environments(store).list()) == 2


def test_build_asks_only_for_the_one_environment(
    environments: Environments, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Store) -> None:
        pytest.fail("all of the store was looked through")

    notebook = tmp_path / "a.ipynb"
    notebook.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    told(capsys, "install", str(notebook), "demo<2", "--no-build-env")
    monkeypatch.setattr(Store, "list", refuse)
    assert told(capsys, "build", str(notebook))["satisfied"] is False
    assert told(capsys, "build", str(notebook))["satisfied"] is True


def test_verify_of_one_by_the_beginning_of_its_id(store: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert out(capsys, "verify", OLD[:2]) == "1 environment is unchanged.\n"
    assert main(["verify", "x"]) == 1
    assert "There is no environment 'x'." in capsys.readouterr().err
    assert main(["verify"]) == 2
    assert main(["verify", OLD, "--all"]) == 2


def test_verify_ends_with_1_where_something_differs(
    environments: Environments, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = tmp_path / "a.ipynb"
    notebook.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    built = told(capsys, "install", str(notebook), "demo<2")["environment"]
    assert out(capsys, "verify", str(notebook)) == "1 environment is unchanged.\n"
    assert [e["notebooks"] for e in told(capsys, "list")["environments"] if e["id"] == built["id"]] == [[str(notebook)]]
    module = Path(built["site"][0], "demo.py").resolve()
    module.parent.chmod(0o755)
    module.unlink()
    result = told(capsys, "verify", "--all", code=1)
    assert result["damaged"] == 1
    assert "demo" in result["environments"][0]["damage"][0]
    assert main(["verify", str(notebook)]) == 1
    assert "error[not-built]" in capsys.readouterr().err


def test_build_fills_a_store_that_others_can_read(
    environments: Environments, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook, shared = tmp_path / "a.ipynb", tmp_path / "shared"
    notebook.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    told(capsys, "install", str(notebook), "demo<2", "--no-build-env")
    built = told(capsys, "build", str(notebook), "--store", str(shared))["environment"]
    assert Path(built["prefix"]).is_relative_to(shared)
    assert environments.list() == [], "one's own store is left alone"
    private = [path for path in (shared, *(shared / "v1" / "e").rglob("*"), *(shared / "v1" / "w").rglob("*"))
               if not path.is_symlink() and path.stat().st_mode & 0o444 != 0o444]  # fmt: skip
    writable = [path for path in shared.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o022]
    assert (private, writable) == ([], [])
    monkeypatch.setenv("JUPYTER_ENVS_SHARED_STORES", str(shared))
    assert told(capsys, "status", str(notebook))["environment"]["prefix"] == built["prefix"]
    assert [entry["mine"] for entry in told(capsys, "list")["environments"]] == [False]
    assert told(capsys, "gc", "--unused-for", "0")["environments"] == []
    assert out(capsys, "verify", "--all") == "1 environment is unchanged.\n"
