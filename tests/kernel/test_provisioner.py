"""Which environment a kernel gets, from the store and the command line as they are; wheels come from a local index."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from tornado.web import HTTPError
from traitlets.config import LoggingConfigurable

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.kernel.context import read_context
from jupyter_envs.launch.launch import context_file
from jupyter_envs.launch.provisioner import which_notebook
from jupyter_envs.machine import kernelspecs
from jupyter_envs.model.block import Block
from jupyter_envs.settings import Settings

from .conftest import Start
from .real import write_notebook

PREFIX = "import sys; print(sys.prefix)"


def test_a_notebook_without_a_block_runs_in_the_base_environment(
    start: Start, base: Environments, tmp_path: Path
) -> None:
    kernel = start(write_notebook(tmp_path / "nb" / "a.ipynb"))
    environment = base.base()
    assert environment and kernel.run(PREFIX).stdout == f"{environment.prefix}\n"
    assert kernel.context["base"] is True


def test_a_notebook_with_a_block_runs_in_its_own(start: Start, base: Environments, demo: Block, tmp_path: Path) -> None:
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
        paths = [k.run("import sys; print([e for e in sys.path if 'dash_m' not in e])").stdout for k in (kernel, plain)]
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


def test_a_package_without_a_wheel(start: Start, base: Environments, tmp_path: Path) -> None:
    kernel = start(write_notebook(tmp_path / "nb" / "a.ipynb"))
    refused = kernel.run("%env-install only-source")
    said = ["hint: %env-install --allow-build only-source only-source", "-v shows the details."]
    assert refused.stderr.splitlines()[-2:] == said
    done = kernel.run("%env-install only-source", answer="y")
    assert done.prompts and "+ only-source 1.0" in done.text, done
    assert kernel.run("import only_source").reply["status"] == "ok"


def test_python_m_pip_of_the_environment_is_ours(start: Start, base: Environments, tmp_path: Path) -> None:
    kernel = start(write_notebook(tmp_path / "nb" / "a.ipynb"))
    kernel.run("import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'pip', 'install', 'demo==1.0'])")
    assert kernel.run("import demo").reply["status"] == "ok"
    missing = kernel.run(
        "import importlib.metadata as m, importlib.util as u; print(u.find_spec('pip'), m.version('pip'))"
    )
    assert missing.ename == "PackageNotFoundError"


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


def test_without_a_notebook_it_is_said_once(start: Start, base: Environments) -> None:
    kernel = start(None)
    assert "does not know which notebook" in kernel.run("1").stderr
    assert kernel.run("1").stderr == ""


def test_callers_name_the_notebook(start: Start, demo: Block, tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "a.ipynb", demo)
    assert start(None, JUPYTER_ENVS_NOTEBOOK=str(notebook)).run("import demo").reply["status"] == "ok"


class Contents:
    """A contents manager that opens text as notebooks, as jupytext's does."""

    def __init__(self, files: dict[str, Any]) -> None:
        self.files = files

    def get(self, path: str, *, content: bool, type: str) -> Any:
        if isinstance(self.files[path], Exception):
            raise self.files[path]
        return {"content": {"cells": [], "metadata": self.files[path]}}


class Kernels(LoggingConfigurable):
    """A server's, as far as we look at it."""

    def __init__(self, root: Path, contents: Contents) -> None:
        server = LoggingConfigurable()
        server.contents_manager = contents
        super().__init__(parent=server)
        self.root_dir = str(root)


async def contexts(folder: Path, names: Iterable[str], contents: Contents, settings: Settings) -> list[dict[str, Any]]:
    """What the kernels of these sessions are told."""
    found = []
    for name in names:
        manager = AsyncKernelManager(parent=Kernels(folder, contents))
        manager._kernel_spec = KernelSpec(**kernelspecs.general())
        await manager.start_kernel(cwd=str(folder), env={**os.environ, "JPY_SESSION_NAME": str(folder / name)})
        assert manager.provisioner
        found.append(read_context(str(context_file(settings, str(manager.provisioner.kernel_id)))))
        await manager.shutdown_kernel(now=True)
    return found


def test_of_a_text_notebook_the_contents_manager_knows_the_environment(
    base: Environments, demo: Block, tmp_path: Path
) -> None:
    files = {"a.py": {"jupyter_envs": demo.to_dict()}, "b.py": {}, "c.py": HTTPError(400), "d.md": ValueError("x")}
    for name in files:
        (tmp_path / name).touch()
    names = [*files, "Console 1"]
    told = asyncio.run(contexts(tmp_path, names, Contents(files), base.here.settings))
    assert (told[0]["base"], told[0]["block"], told[0]["note"]) == (False, demo.to_dict(), "")
    assert [(each["base"], each["block"], each["note"]) for each in told[1:]] == [(True, None, "")] * 4


def test_which_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "/outer.ipynb")
    inherited = {"JPY_SESSION_NAME": "/outer.ipynb"}
    assert which_notebook(inherited, "/work", None) == (None, False)
    assert which_notebook(inherited, "/work", "/srv") == (None, False), "of a server that a kernel has started"
    assert which_notebook({"JPY_SESSION_NAME": "sub/a.ipynb"}, "/srv/sub", "/srv") == (
        Path("/srv/sub/a.ipynb"),
        False,
    )
    assert which_notebook({"JPY_SESSION_NAME": "/home/Console 1"}, "/home", "/home") == (None, False)
    monkeypatch.setenv("JUPYTER_ENVS_NOTEBOOK", "b.ipynb")
    assert which_notebook({}, "/work", None) == (Path("/work/b.ipynb"), True)
    assert which_notebook({"JPY_SESSION_NAME": "Console 1"}, "/work", "/root") == (None, False)


def test_what_takes_the_place_of_a_stand_in_knows_the_open_document(
    start: Start, base: Environments, demo: Block, tmp_path: Path
) -> None:
    """The file may not say yet what the environment was built from."""
    notebook = write_notebook(tmp_path / "nb" / "a.ipynb")
    folder = base.here.settings.home / "kernels"
    folder.mkdir(exist_ok=True)
    told = {"block": demo.to_dict(), "standin": True, "status": {"state": "ready"}}
    (folder / "stand-in.json").write_text(json.dumps(told))
    kernel = start(notebook, JUPYTER_ENVS_AFTER="stand-in")
    assert kernel.run("import demo, os; print(os.environ.get('JUPYTER_ENVS_AFTER'))").stdout == "None\n"
