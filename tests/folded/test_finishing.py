"""What is left to do once wheels are published: whatever kept it from being done, the next time does it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_envs.engines.uv import cache
from jupyter_envs.environments.cleaning import clean
from jupyter_envs.environments.here import Here
from jupyter_envs.store import finishing
from jupyter_envs.store.wheel import bytecode
from jupyter_envs.system.leases import is_held
from jupyter_envs.system.removal import delete
from jupyter_envs.system.scripts import MAIN

from ..leasing import taken
from ..wheels import wheel
from .bench import Bench
from .sides import Side
from .test_bytecode import (
    MODULES,
    PACKAGES,
    UNCHECKED,
    USE,
    header,
    modules,
    uncompiled,
    until,
    used,
    writable,
)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_killed_in_the_middle_the_next_run_completes_it(bench: Bench) -> None:
    big = wheel(
        "big",
        files={f"big/m{number}.py": "x = [" + "0," * 400 + "]\n" for number in range(600)} | {"big/__init__.py": ""},
    )
    folded = bench.folded(big)
    library = bench.wheel_folder("big") / "l"
    env = {**os.environ, "JUPYTER_ENVS_HOME": str(bench.settings.home), "JUPYTER_ENVS_STORE": str(bench.settings.store),
           "JUPYTER_ENVS_COMPILE": "background"}  # fmt: skip
    process = subprocess.Popen([sys.executable, MAIN, "finish"], env=env, start_new_session=True)
    until(lambda: any(library.rglob("*.pyc.new")))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    (unfinished,) = finishing.unfinished(bench.store.own)
    assert unfinished.name == "big"
    used(folded, "import big.m7")
    bench.finish()
    assert list(finishing.unfinished(bench.store.own)) == [] and not any(library.rglob("*.new"))
    assert [path for path in modules(library) if header(path)[4:8] != UNCHECKED] == []


def test_a_compiler_that_was_killed_is_run_again(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bench.folded(*PACKAGES)
    killed = tmp_path / "killed.py"
    killed.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    with monkeypatch.context() as patch:
        patch.setattr(bytecode, "COMPILE", killed)
        bench.finish()
    assert len(list(finishing.unfinished(bench.store.own))) == len(PACKAGES)
    bench.finish()
    assert list(finishing.unfinished(bench.store.own)) == []


def test_it_is_done_only_once_the_write_bits_are_gone_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    bench.folded(*PACKAGES)
    with monkeypatch.context() as patch:
        patch.setattr(finishing, "freeze", refuse)
        bench.finish()
    assert len(list(finishing.unfinished(bench.store.own))) == len(PACKAGES)
    bench.finish()
    assert list(finishing.unfinished(bench.store.own)) == [] == writable(bench.wheel_folder("deep") / "l")


def test_while_uv_is_at_work_it_waits_for_another_time(bench: Bench) -> None:
    bench.folded(*PACKAGES)
    with taken(bench.cache / ".lock"):
        bench.finish()
        assert len(list(finishing.unfinished(bench.store.own))) == len(PACKAGES)
    bench.finish()
    assert list(finishing.unfinished(bench.store.own)) == []


def test_uv_does_not_wait_while_its_copies_are_deleted(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.folded(*PACKAGES)
    deleted: list[bool] = []

    def delete_and_look(path: Path) -> None:
        deleted.append(is_held(bench.cache / ".lock"))
        delete(path)

    monkeypatch.setattr(cache, "delete", delete_and_look)
    bench.finish()
    assert deleted == [False] * len(PACKAGES)


def test_uv_holds_no_second_copy_and_can_fetch_it_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, compile="now")
    environment = bench.environment(*PACKAGES)
    assert not list(bench.cache.glob("archive-v*/*/deep*"))
    for path in modules(bench.wheel_folder("deep") / "l"):
        assert path.stat().st_nlink == 1
    assert bench.plain(*PACKAGES).printed(USE + "; print(deep.inner.x)") == "1"
    assert bench.store.remove(environment.id)
    for found in list(bench.store.own.wheels.all()):
        bench.store.own.wheels.quarantine(found)
    assert bench.folded(*PACKAGES).printed(USE + "; print(deep.inner.x)") == "1"


def test_where_python_compiles_the_rest_is_write_protected_all_the_same(tmp_path: Path) -> None:
    bench = Bench(tmp_path, compile="never")
    environment = bench.environment(*PACKAGES)
    library = bench.wheel_folder("deep") / "l"
    assert writable(library) != []
    clean(Here(bench.settings), None)
    assert {"__pycache__" in path for path in writable(library)} == {True}
    assert {path.stat().st_nlink for path in modules(library)} == {1}, "nothing of it is uv's too"
    side = Side(environment.prefix, environment.version)
    assert len(uncompiled(side)) == MODULES - 1, "only what is compiled before a wheel is published"
    used(side)
    assert list(library.rglob("part.*.pyc")) and bench.store.health(environment.id) is None
    assert list(finishing.unfinished(bench.store.own, "never")) == []
    bench.finish()
    assert writable(library) == [] == list(finishing.unfinished(bench.store.own))
