"""What kernels leave behind is taken away, and never from one that lives."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jupyter_envs.kernel import sweep
from jupyter_envs.kernel.context import Context

from .conftest import FakeNotebook

HOLD = "import sys; from jupyter_envs.kernel.sweep import hold; held = hold(sys.argv[1]); print(1, flush=True); input()"


def traces(folder: Path, kernel: str, age: float) -> list[Path]:
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{kernel}{suffix}" for suffix in (".json", ".started", ".alive", ".changes")]
    for path in paths:
        path.touch()
    (folder / f"{kernel}.bin").mkdir()
    paths.append(folder / f"{kernel}.bin")
    for path in paths:
        os.utime(path, (time.time() - age,) * 2)
    return paths


def test_those_of_ended_kernels_go_after_a_day(tmp_path: Path) -> None:
    old = traces(tmp_path, "old", sweep.AFTER + 60)
    young = traces(tmp_path, "young", sweep.AFTER - 60)
    used = traces(tmp_path, "used", 9 * sweep.AFTER)
    os.utime(used[0])
    sweep.sweep(str(tmp_path))
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in [*young, *used])


def test_those_of_a_kernel_that_lives_stay(tmp_path: Path) -> None:
    old = traces(tmp_path, "old", 99 * sweep.AFTER)
    argv = [sys.executable, "-c", HOLD, str(tmp_path / "old.alive")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as kernel:
        assert kernel.stdout and kernel.stdout.readline() and kernel.stdin
        sweep.sweep(str(tmp_path))
        assert all(path.exists() for path in old)
        kernel.stdin.close()
    sweep.sweep(str(tmp_path))
    assert not any(path.exists() for path in old)


def test_where_nothing_can_be_locked_a_month_is_waited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "is_held", lambda path: None)
    month = traces(tmp_path, "month", sweep.AFTER_IN_DOUBT - 60)
    older = traces(tmp_path, "older", sweep.AFTER_IN_DOUBT + 60)
    sweep.sweep(str(tmp_path))
    assert all(path.exists() for path in month) and not any(path.exists() for path in older)


def test_a_kernel_that_is_used_is_not_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "k.json"
    path.write_text("{}")
    os.utime(path, (0, 0))
    context = Context.load(str(path))
    context.used()
    assert time.time() - path.stat().st_mtime < 60
    os.utime(path, (0, 0))
    context.used()
    assert path.stat().st_mtime == 0


def test_kernels_and_stand_ins_hold_their_file(notebook: FakeNotebook) -> None:
    alive = str(notebook.context.with_suffix(sweep.ALIVE))
    kernel = notebook.start()
    assert sweep.is_held(alive) is True
    kernel.stop()
    assert sweep.is_held(alive) is False
