"""Which environment a kernel gets, from the store and the command line as they are; wheels come from a local index."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_envs import provisioner
from jupyter_envs.block import Block
from jupyter_envs.environments import Environments
from jupyter_envs.provisioner import which_notebook

from .client import Comm
from .real import ProvisionedKernel, write_notebook

Start = Callable[..., ProvisionedKernel]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    kernels: list[ProvisionedKernel] = []

    def started(notebook: Path | None, **env: str) -> ProvisionedKernel:
        kernels.append(ProvisionedKernel(notebook, notebook.parent if notebook else tmp_path, **env))
        return kernels[-1]

    yield started
    for kernel in kernels:
        kernel.stop()


@pytest.fixture
def base(environments: Environments) -> Environments:
    environments.base(build=True)
    return environments


@pytest.fixture
def demo(base: Environments) -> Block:
    """A block with `demo`, built here."""
    return base.install(None, ["demo==1.0"]).block


PREFIX = "import sys; print(sys.prefix)"


def test_a_notebook_without_a_block_runs_in_the_base_environment(
    start: Start, base: Environments, tmp_path: Path
) -> None:
    kernel = start(write_notebook(tmp_path / "nb" / "a.ipynb"))
    environment = base.base()
    assert environment and kernel.run(PREFIX).stdout == f"{environment.prefix}\n"
    assert kernel.context["base"] is True


def test_a_notebook_with_a_block_runs_in_its_own(
    start: Start, base: Environments, demo: Block, tmp_path: Path
) -> None:
    kernel = start(write_notebook(tmp_path / "nb" / "a.ipynb", demo))
    assert kernel.run("import demo").reply["status"] == "ok"
    seen = kernel.run(
        "import os, sys; print(os.environ['VIRTUAL_ENV'] == sys.prefix, sys.executable.startswith(sys.prefix),"
        " [k for k in os.environ if k in ('PYTHONHOME', 'PYTHONPATH', 'JUPYTER_ENVS_NOTEBOOK')])"
    )
    assert seen.stdout == "True True []\n"


def test_what_lies_beside_the_notebook_runs_in_no_process_of_ours(
    start: Start, base: Environments, tmp_path: Path
) -> None:
    notebook = write_notebook(tmp_path / "nb" / "a.ipynb")
    ran = tmp_path / "ran"
    for name in (
        "random",
        "json",
        "typing",
        "tornado",
        "subprocess",
        "traitlets",
        "IPython",
        "zmq",
        "msgspec",
        "mine",
    ):
        (notebook.parent / f"{name}.py").write_text(f"open({str(ran)!r}, 'a').write({name!r})\n")
    kernel = start(notebook)
    assert "demo 1.0" in kernel.run("%env-install demo==1.0").text
    assert kernel.run("%pip list").reply["status"] == "ok"
    kernel.run("%%bash\npip install demo-dep")
    assert not ran.exists()
    assert kernel.run("import mine").reply["status"] == "ok"
    assert ran.read_text() == "mine"


def test_sys_path_is_as_ipykernel_leaves_it(start: Start, base: Environments, tmp_path: Path) -> None:
    from .client import Kernel

    kernel = start(write_notebook(tmp_path / "nb" / "a.ipynb"))
    environment = base.base()
    assert environment
    argv = [str(environment.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    plain = Kernel(argv, tmp_path / "nb", dict(os.environ))
    try:
        paths = [
            k.run("import sys; print([e for e in sys.path if 'dash_m' not in e])").stdout
            for k in (kernel, plain)
        ]
    finally:
        plain.stop()
    assert paths[0] == paths[1]


def test_an_install_then_a_restart_without_saving(start: Start, base: Environments, tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "nb" / "a.ipynb")
    kernel = start(notebook)
    done = kernel.run("%env-install demo")
    assert "+ demo 2.0 (+ 1 more)" in done.text, done
    assert kernel.run("import demo, importlib.metadata as m; print(m.version('demo'))").stdout == "2.0\n"
    prefix = kernel.run(PREFIX).stdout
    kernel.restart()
    assert kernel.run("import demo; " + PREFIX).stdout == prefix
    assert "jupyter_envs" not in json.loads(notebook.read_text())["metadata"]
    fresh = start(notebook)
    assert fresh.run("import demo").ename == "ModuleNotFoundError"


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("%env-install no-such-package-here", "no-such-package-here"),
        ("%env-install needs-old 'demo-dep>=1.1'", "demo-dep"),
        ("%env-install --target lib demo", "--target"),
        ("%env-install ./nowhere", "nowhere"),
        ("%env-install -r nowhere.txt", "nowhere.txt"),
    ],
)
def test_failing_installs_leave_kernel_and_environment_as_they_were(
    start: Start, base: Environments, tmp_path: Path, cell: str, words: str
) -> None:
    kernel = start(write_notebook(tmp_path / "nb" / "a.ipynb"))
    prefix = kernel.run(PREFIX).stdout
    done = kernel.run(cell)
    lines = done.stderr.splitlines()
    assert words in lines[0] and "Traceback" not in done.text, done
    assert [line[:6] for line in lines[1:]] in (["hint: "], []), lines
    assert kernel.run(PREFIX).stdout == prefix
    assert kernel.context["block"] is None


def test_a_package_without_a_wheel(start: Start, base: Environments, tmp_path: Path) -> None:
    kernel = start(write_notebook(tmp_path / "nb" / "a.ipynb"))
    refused = kernel.run("%env-install only-source")
    assert refused.stderr.splitlines()[-1] == "hint: %env-install --allow-build only-source only-source"
    done = kernel.run("%env-install only-source", answer="y")
    assert done.prompts and "+ only-source 1.0" in done.text, done
    assert kernel.run("import only_source").reply["status"] == "ok"


@pytest.mark.xfail(reason="environments have no line in a .pth file that leads to the stub yet")
def test_python_m_pip_of_the_environment_is_ours(start: Start, base: Environments, tmp_path: Path) -> None:
    kernel = start(write_notebook(tmp_path / "nb" / "a.ipynb"))
    kernel.run(
        "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'pip', 'install', 'demo==1.0'])"
    )
    assert kernel.run("import demo").reply["status"] == "ok"
    missing = kernel.run(
        "import importlib.metadata as m, importlib.util as u; print(u.find_spec('pip'), m.version('pip'))"
    )
    assert missing.ename == "PackageNotFoundError"


def test_the_stand_in_explains_asks_and_builds(
    start: Start, demo: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The notebook comes to a second machine, whose home is empty."""
    monkeypatch.setenv("JUPYTER_ENVS_HOME", str(tmp_path / "second"))
    info = {"name": "python", "version": "3.0.0"}
    notebook = write_notebook(tmp_path / "nb" / "a.ipynb", demo, language_info=info)
    kernel = start(notebook)
    kernel.client.kernel_info()
    assert kernel.client.get_shell_msg(timeout=10)["content"]["language_info"] == info
    failed = kernel.run("open('ran', 'w')")
    assert failed.ename == "EnvironmentNotReady"
    assert "%env-build" in failed.traceback and f'jupyter envs build "{notebook}"' in failed.traceback
    assert "demo" in failed.traceback and not (notebook.parent / "ran").exists()
    assert Comm(kernel).next("state")["standin"] is True
    refused = kernel.run("%env-build")
    assert refused.reply["status"] == "error" and "--accept" in refused.stderr
    assert kernel.run("%env-build", answer="n").reply["status"] == "error"
    done = kernel.run("%env-build", answer="y")
    assert done.reply["status"] == "ok" and "demo" in done.prompts[0], done
    kernel.restart()
    assert kernel.run("import demo").reply["status"] == "ok"


def test_a_notebook_that_cannot_be_read_still_opens(start: Start, base: Environments, tmp_path: Path) -> None:
    notebook = tmp_path / "a.ipynb"
    notebook.write_text('{"metadata": {"jupyter_envs": {"version": 1, "dependencies": ["--evil"]}}, "cells": [],'
                        ' "nbformat": 4, "nbformat_minor": 5}')  # fmt: skip
    failed = start(notebook).run("1")
    assert failed.ename == "EnvironmentNotReady" and "dependencies[0]" in failed.traceback


def test_other_languages_are_kept_out_of(start: Start, base: Environments, tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "r.ipynb", language_info={"name": "R"})
    assert start(notebook).run("print(1)").stdout == "1\n"


def test_undo(start: Start, base: Environments, tmp_path: Path) -> None:
    kernel = start(write_notebook(tmp_path / "nb" / "a.ipynb"))
    kernel.run("%env-install demo==1.0")
    done = kernel.run("%env-undo")
    assert "- demo" in done.text, done
    assert kernel.run("import demo").ename == "ModuleNotFoundError"


def test_upgrade(start: Start, base: Environments, tmp_path: Path) -> None:
    kernel = start(write_notebook(tmp_path / "nb" / "a.ipynb"))
    assert "+ demo-dep 1.0" in kernel.run("%env-install needs-old demo-dep").text
    kernel.run("%env-remove needs-old")
    done = kernel.run("%env-upgrade demo-dep")
    assert "~ demo-dep 1.0 → 1.1" in done.text, done


def test_a_slow_store_is_not_waited_for(
    start: Start, base: Environments, demo: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = start(write_notebook(tmp_path / "a.ipynb"))
    kernel.run("%env-install demo==1.0")
    with monkeypatch.context() as patched:
        patched.setattr(provisioner, "PATIENCE", 0.001)
        kernel.restart()
    context = kernel.context
    assert (context["standin"], context["status"]["state"]) == (True, "looking")
    assert context["block"]["dependencies"] == ["demo==1.0"]
    kernel.restart()
    assert kernel.run("import demo").reply["status"] == "ok"


def test_a_home_that_cannot_be_used_is_explained(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("JUPYTER_ENVS_HOME", str(tmp_path / "file" / "home"))
    assert start(write_notebook(tmp_path / "a.ipynb")).run("1").ename == "EnvironmentNotReady"


def test_a_kernel_that_dies_twice_gives_way_to_the_stand_in(
    start: Start, base: Environments, tmp_path: Path
) -> None:
    """The environment that is broken here is one that no other test has."""
    block = base.install(None, ["needs-old"]).block
    kernel = start(write_notebook(tmp_path / "a.ipynb", block))
    environment = base.status(block).environment
    assert environment
    (site,) = environment.site
    (site / "ipykernel" / "kernelapp.py").unlink()
    (site / "ipykernel" / "kernelapp.py").write_text("raise ImportError('broken on purpose')")
    manager = kernel.manager
    kernel.client.stop_channels()
    for _ in range(2):
        manager.restart_kernel(now=True)
        manager.provisioner.process.wait(30)
    manager.restart_kernel(now=True)
    kernel.client = kernel._connect()
    failed = kernel.run("1")
    assert failed.ename == "EnvironmentNotReady" and "broken on purpose" in failed.traceback


def test_without_a_notebook_it_is_said_once(start: Start, base: Environments) -> None:
    kernel = start(None)
    assert "does not know which notebook" in kernel.run("1").stderr
    assert kernel.run("1").stderr == ""


def test_callers_name_the_notebook(start: Start, demo: Block, tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "a.ipynb", demo)
    assert start(None, JUPYTER_ENVS_NOTEBOOK=str(notebook)).run("import demo").reply["status"] == "ok"


def test_which_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "/outer.ipynb")
    inherited = {"JPY_SESSION_NAME": "/outer.ipynb"}
    assert which_notebook(inherited, "/work", None) is None
    assert which_notebook(inherited, "/work", "/root") == Path("/outer.ipynb")
    assert which_notebook({"JPY_SESSION_NAME": "sub/a.ipynb"}, "/root/sub", "/root") == Path(
        "/root/sub/a.ipynb"
    )
    assert which_notebook({"JPY_SESSION_NAME": "/home/Console 1"}, "/home", "/home") is None
    monkeypatch.setenv("JUPYTER_ENVS_NOTEBOOK", "b.ipynb")
    assert which_notebook({}, "/work", None) == Path("/work/b.ipynb")
    assert which_notebook({"JPY_SESSION_NAME": "Console 1"}, "/work", "/root") is None
