"""Kernels that are started by their argv alone, as VS Code and plain nbclient start them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.machine import kernelspecs
from jupyter_envs.settings import Settings
from jupyter_envs.standalone import of_environment
from jupyter_envs.store import Environment
from jupyter_envs.store.damage import DAMAGE
from jupyter_envs.store.wheel.wheels import HOPS

from ..typed import typed
from .client import Kernel
from .real import write_notebook

Start = Callable[..., Kernel]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    kernels: list[Kernel] = []

    def started(spec: dict[str, list[str]], **env: str) -> Kernel:
        kernels.append(Kernel(spec["argv"], tmp_path, {**os.environ, **env}))
        return kernels[-1]

    yield started
    for kernel in kernels:
        kernel.stop()


def named(arguments: list[str]) -> dict[str, list[str]]:
    return {"argv": [*kernelspecs.general()["argv"], *arguments]}


def test_a_named_kernel_runs_its_notebooks_environment(
    start: Start, environments: Environments, tmp_path: Path
) -> None:
    block = environments.install(None, typed("demo==1.0")).block
    notebook = write_notebook(tmp_path / "a.ipynb", block)
    kernel = start(named(["--notebook", str(notebook)]))
    assert kernel.run("import demo").reply["status"] == "ok"
    assert "demo" in kernel.run("%env-status").stdout
    kernel.manager.interrupt_kernel()
    assert kernel.run("print(1)").stdout == "1\n"


def test_or_one_environment(start: Start, environments: Environments) -> None:
    environment = environments.install(None, typed("demo==1.0")).environment
    assert environment
    assert start(named(["--environment", environment.id])).run("import demo").reply["status"] == "ok"


@pytest.mark.parametrize("what", ["consents.json", "kernels"])
def test_a_damaged_home_is_explained(
    start: Start, environments: Environments, home: Path, tmp_path: Path, what: str
) -> None:
    block = environments.install(None, typed("demo==1.0")).block
    (home / what).unlink(missing_ok=True)
    (home / what).write_text("{")
    failed = start(named(["--notebook", str(write_notebook(tmp_path / "a.ipynb", block))])).run("1")
    assert (
        failed.ename == "EnvironmentNotReady"
        and str(home / what) in failed.traceback
        and "hint: Move " in failed.traceback
    )


def test_one_that_an_older_version_put_together_is_not_said_to_be_gone(
    start: Start, environments: Environments, settings: Settings
) -> None:
    environment = environments.install(None, typed("demo==1.0")).environment
    assert environment
    pointer = settings.store / "v1" / "e" / environment.id / "current.json"
    pointer.write_text(json.dumps(json.loads(pointer.read_text()) | {"linking": 0}))
    failed = start(named(["--environment", environment.id])).run("1")
    assert failed.ename == "EnvironmentNotReady" and "is older, or is in another folder now." in failed.traceback


def upgraded_python(environment: Environment) -> None:
    pointer = environment.prefix.parent / "current.json"
    value = json.loads(pointer.read_text())
    value["python"]["signature"][-1] += 1
    pointer.write_text(json.dumps(value))


def lost_package(environment: Environment) -> None:
    hop = next((environment.prefix / HOPS).iterdir())
    wheel = hop.resolve()
    wheel.rename(wheel.with_name("elsewhere"))


@pytest.mark.parametrize(("damage", "code"), [(upgraded_python, "env-stale-python"), (lost_package, "env-drift")])
def test_what_has_happened_to_one_of_today_is_said_and_not_that_it_is_older(
    environments: Environments, settings: Settings, damage: Callable[[Environment], None], code: str
) -> None:
    environment = environments.install(None, typed("demo==1.0")).environment
    assert environment
    damage(environment)
    launch = of_environment("k", environment.id, settings)
    assert launch.status and launch.status.sentence == DAMAGE[code]


def test_an_environment_that_is_gone_is_explained(start: Start, environments: Environments) -> None:
    failed = start(named(["--environment", "a" * 26])).run("1")
    assert failed.ename == "EnvironmentNotReady" and "no longer on this machine" in failed.traceback


def test_a_notebook_whose_environment_is_not_built_gets_the_stand_in(
    start: Start, environments: Environments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = environments.install(None, typed("demo==1.0")).block
    notebook = write_notebook(tmp_path / "a.ipynb", block)
    kernel = start(named(["--notebook", str(notebook)]), JUPYTER_ENVS_HOME=str(tmp_path / "other"))
    assert "jupyter envs build" in kernel.run("1").traceback


def test_a_named_notebook_that_is_gone_is_said(start: Start, environments: Environments, tmp_path: Path) -> None:
    environments.build(None)
    failed = start(named(["--notebook", str(tmp_path / "gone.ipynb")])).run("1")
    assert failed.ename == "EnvironmentNotReady" and "There is no notebook" in failed.traceback


def test_a_restart_leaves_no_second_context_and_nothing_beside_the_notebook_runs(
    start: Start, environments: Environments, tmp_path: Path
) -> None:
    environments.build(None)
    for name in ("uuid", "signal", "subprocess", "pathlib", "__future__", "re"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    kernel = start(kernelspecs.general(), PYTHONPATH=os.pathsep)
    kernel.restart()
    assert kernel.run("print(1)").stdout == "1\n"
    contexts = list((environments.here.settings.home / "kernels").glob("*.json"))
    assert [context.stem for context in contexts] == [Path(kernel.manager.connection_file).stem]
    assert not (tmp_path / "ran").exists()


def test_not_knowing_the_notebook_is_said(start: Start, environments: Environments) -> None:
    environments.build(None)
    kernel = start(kernelspecs.general())
    first = kernel.run("print(1)")
    assert first.stdout == "1\n" and "jupyter envs kernelspec add" in first.stderr
    assert kernel.run("1").stderr == ""
