"""Programs that execute notebooks without a server tell the kernel nothing: it finds the notebook that they execute, or
says in which environment it runs."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import quote

import nbformat
import papermill
import pytest
from jupyter_client.manager import KernelManager, start_new_kernel
from nbclient import NotebookClient
from nbconvert.exporters import NotebookExporter
from traitlets.config import Config

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.launch import provisioner
from jupyter_envs.launch.executing import Executing, find_executing
from jupyter_envs.launch.voila import shown_by_voila
from jupyter_envs.machine import kernelspecs
from jupyter_envs.notebook import NotebookFile

from .typed import typed

pytestmark = pytest.mark.filterwarnings("default")
SHOW = "try:\n    import demo; print('demo', demo.__version__)\nexcept ImportError:\n    print('no demo')"


class Notebooks:
    """`a` and `b` have an environment of their own each, `plain` has none. Each says in which it runs."""

    def __init__(self, folder: Path, environments: Environments) -> None:
        self.folder = folder
        self.a = self._made("a", environments, "demo==1.0")
        self.b = self._made("b", environments, "demo==2.0")
        self.plain = self._made("plain", environments)
        environments.build(None)
        kernelspecs.ensure()

    def _made(self, name: str, environments: Environments, *words: str) -> Path:
        path = self.folder / f"{name}.ipynb"
        kernel = {"kernelspec": {"name": "jupyter-envs", "display_name": "x", "language": "python"}}
        cell = nbformat.v4.new_code_cell(SHOW, id="c0")
        path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=[cell], metadata=kernel)))
        if words:
            NotebookFile.read(path).write_block(environments.install(None, typed(*words)).block)
        return path


@pytest.fixture
def notebooks(tmp_path: Path, environments: Environments) -> Notebooks:
    return Notebooks(tmp_path, environments)


def outputs(notebook: Any) -> dict[str, str]:
    """By the name of the stream."""
    texts: dict[str, str] = {}
    for cell in notebook["cells"]:
        for output in cell["outputs"]:
            text = "".join(output.get("text", output.get("traceback", "")))
            texts[output.get("name", "error")] = texts.get(output.get("name", "error"), "") + text
    return texts


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def nbconvert(*paths: Path) -> list[dict[str, str]]:
    """As its command does for several notebooks: one exporter, one after the other."""
    exporter = NotebookExporter(config=Config({"ExecutePreprocessor": {"enabled": True}}))
    return [outputs(json.loads(exporter.from_filename(str(path))[0])) for path in paths]


def out_of(said: dict[str, str]) -> str:
    return said.get("stdout", said.get("error", "")).strip()


def test_nbconvert_runs_each_of_several_notebooks_in_its_own_environment(
    notebooks: Notebooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = ["demo 1.0", "demo 2.0", "no demo"]
    said = nbconvert(notebooks.a, notebooks.b, notebooks.plain)
    assert list(map(out_of, said)) == wanted and not any("jupyter-envs" in each.get("stderr", "") for each in said)
    monkeypatch.setenv("JUPYTER_ENVS_NOTEBOOK", str(notebooks.a))
    said = nbconvert(notebooks.a, notebooks.b, notebooks.plain)
    assert list(map(out_of, said)) == ["demo 1.0", "demo 2.0", "demo 1.0"]
    assert "JUPYTER_ENVS_NOTEBOOK" not in said[0].get("stderr", "") + said[1].get("stderr", "")
    assert f"runs in the environment of {notebooks.a}, as JUPYTER_ENVS_NOTEBOOK says" in said[2]["stderr"]
    monkeypatch.chdir(notebooks.folder.parent)
    monkeypatch.setenv("JUPYTER_ENVS_NOTEBOOK", f"{notebooks.folder.name}/a.ipynb")
    assert out_of(nbconvert(notebooks.plain)[0]) == "demo 1.0"


def nbclient(path: Path) -> dict[str, str]:
    """As `jupyter execute` does: only the folder is known."""
    notebook = read(path)
    NotebookClient(notebook, resources={"metadata": {"path": str(path.parent)}}).execute()
    return outputs(notebook)


def in_another_thread(path: Path) -> dict[str, str]:
    """A blocking manager where a loop is running already starts kernels there."""
    notebook = read(path)

    async def execute() -> None:
        await NotebookClient(notebook, kernel_manager_class=KernelManager).async_execute()

    asyncio.run(execute())
    return outputs(notebook)


def papermill_without_our_engine(path: Path) -> dict[str, str]:
    out = path.with_name("out.ipynb")
    papermill.execute_notebook(str(path), str(out), progress_bar=False)
    return outputs(read(out))


class Collected:
    """As nbval's: the kernel is started, blocking, by an object that a method of this one makes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.nb = read(path)

    def setup(self) -> Any:
        return Running(str(self.path.parent))


class Running:
    def __init__(self, folder: str) -> None:
        self.km, self.kc = start_new_kernel(kernel_name="jupyter-envs", cwd=folder)


def nbval(path: Path) -> dict[str, str]:
    running = Collected(path).setup()
    said: list[str] = []
    try:
        running.kc.execute_interactive(
            SHOW, output_hook=lambda m: said.append(m["content"].get("text", "")), timeout=60
        )
    finally:
        running.kc.stop_channels()
        running.km.shutdown_kernel(now=True)
    return {"stdout": "".join(said)}


def test_other_programs_need_no_variable(notebooks: Notebooks) -> None:
    for program in (nbclient, in_another_thread, papermill_without_our_engine, nbval):
        assert out_of(program(notebooks.a)) == "demo 1.0", program

    held = [read(notebooks.a), read(notebooks.b)]

    async def at_once() -> None:
        await asyncio.gather(*(NotebookClient(notebook).async_execute() for notebook in held))

    asyncio.run(at_once())
    assert [out_of(outputs(notebook)) for notebook in held] == ["demo 1.0", "demo 2.0"]


def test_a_notebook_whose_environment_is_not_built_says_so(
    notebooks: Notebooks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_ENVS_HOME", str(tmp_path / "strange"))
    notebook = read(notebooks.a)
    NotebookClient(notebook, allow_errors=True).execute()
    assert "No cell has been run" in outputs(notebook)["error"]


class Holder:
    def __init__(self, nb: Any, **more: Any) -> None:
        self.nb = nb
        self.__dict__ |= more

    def calls(self, what: Any) -> Any:
        return what()

    def finds(self) -> Any:
        return find_executing(object())


def test_what_is_found_on_the_stack(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text("{}")
    found = Holder({"cells": [], "metadata": {"x": 1}}, path=str(path)).finds()
    assert (found.metadata, found.path) == ({"x": 1}, path)
    assert Holder({"cells": [], "metadata": {"papermill": {"input_path": str(path)}}}).finds().path is None
    assert Holder({"cells": []}, path=str(tmp_path / "gone.ipynb")).finds().path is None
    for nothing in (None, {}, {"cells": 3}, "nb", {"cells": [], "metadata": {"x": object()}}):
        assert Holder(nothing).finds() is None
    assert find_executing(object()) is None


def test_what_is_started_besides_the_kernel_of_a_notebook_is_for_another(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text("{}")
    inner, outer = {"cells": [], "metadata": {"x": 1}}, {"cells": [], "metadata": {"x": 2}}
    assert Holder(outer, path=str(path), km=object()).finds() is None
    nested = Holder(outer, path=str(path), km=object()).calls(Holder(inner).finds)
    assert (nested.metadata, nested.path) == ({"x": 1}, None)
    same = Holder(inner, path=str(path)).calls(Holder(inner).finds)
    assert same.path == path


def test_the_program_says_which_file_it_is_and_the_notebook_does_not(
    notebooks: Notebooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A result of papermill goes on naming the file that it was made from."""
    found: list[Executing | None] = []
    monkeypatch.setattr(
        provisioner, "find_executing", lambda manager: found.append(find_executing(manager)) or found[-1]
    )
    notebook = read(notebooks.b)
    notebook["metadata"]["papermill"] = {"input_path": str(notebooks.a)}
    nbformat.write(notebook, notebooks.b)
    assert out_of(nbclient(notebooks.b)) == "demo 2.0"
    assert out_of(papermill_without_our_engine(notebooks.b)) == "demo 2.0"

    async def in_a_loop() -> dict[str, str]:
        return papermill_without_our_engine(notebooks.b)

    assert out_of(asyncio.run(in_a_loop())) == "demo 2.0"
    (notebooks.folder / "other").mkdir()
    (notebooks.folder / "other" / "b.ipynb").write_text(notebooks.a.read_text())
    monkeypatch.chdir(notebooks.folder)
    papermill.execute_notebook("b.ipynb", "out.ipynb", progress_bar=False, cwd="other")
    assert out_of(outputs(read(notebooks.folder / "out.ipynb"))) == "demo 2.0"
    assert [one and one.path for one in found] == [None, notebooks.b, notebooks.b, None]


def shown_by(port: int, notebook: str) -> str:
    """The page, as soon as somebody answers."""
    address = f"http://127.0.0.1:{port}/voila/render/{quote(notebook)}"
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                return str(answer.read().decode())
        except URLError:
            assert time.monotonic() < until
            time.sleep(0.2)


def test_voila_shows_each_notebook_in_its_own_environment(notebooks: Notebooks) -> None:
    (notebooks.folder / "more notebooks").mkdir()
    shutil.copy(notebooks.b, notebooks.folder / "more notebooks" / "b 2.ipynb")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    words = [sys.executable, "-m", "voila", "--no-browser", f"--port={port}", "--show_tracebacks=True", "."]
    with subprocess.Popen(words, cwd=notebooks.folder, stderr=subprocess.DEVNULL) as server:
        try:
            pages = [shown_by(port, name) for name in ("a.ipynb", "more notebooks/b 2.ipynb", "plain.ipynb")]
        finally:
            server.terminate()
    assert [re.findall(r"demo \d\.\d|no demo", page)[-1:] for page in pages] == [
        ["demo 1.0"],
        ["demo 2.0"],
        ["no demo"],
    ]


def test_voila_serves_nothing_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "secret.ipynb").write_text("{}")
    (tmp_path / "root" / "a.ipynb").write_text("{}")

    def shown(address: str) -> Path | None:
        given = {"VOILA_BASE_URL": "/", "SCRIPT_NAME": f"/user/x/voila/render/{address}"}
        return shown_by_voila(object(), given, str(tmp_path / "root"))

    assert shown("a.ipynb") == tmp_path / "root" / "a.ipynb"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCRIPT_NAME", "/user/x/voila/render/a.ipynb")
        assert shown("a.ipynb") is None, "inherited"
    assert [shown(one) for one in ("../secret.ipynb", "..%2Fsecret.ipynb", "gone.ipynb", "a.txt", "")] == [None] * 5
