"""Kernelspecs are written where Jupyter looks, and ours can be started by anybody who can start a program."""

from __future__ import annotations

import json
import re
import sys
import threading
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.errors import NotebookError, UsageError
from jupyter_envs.machine import kernelspecs


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_PATH", "")
    prefix = tmp_path / "prefix"
    prefix.mkdir()
    monkeypatch.setattr(sys, "prefix", str(prefix))
    monkeypatch.setattr(
        kernelspecs, "jupyter_path",
        lambda *parts: [str(tmp_path / "data" / Path(*parts)), str(prefix / "share" / "jupyter" / Path(*parts))],
    )  # fmt: skip
    return tmp_path


def written(folder: Path) -> dict[str, object]:
    value: dict[str, object] = json.loads((folder / "kernel.json").read_text())
    return value


def test_it_is_registered_beside_this_python(folders: Path) -> None:
    folder = kernelspecs.ensure()
    assert folder.is_relative_to(folders / "prefix")
    assert written(folder) == kernelspecs.general()


def test_the_wheel_brings_one_that_is_true() -> None:
    brought = Path(__file__).parents[2] / "jupyter-config" / "kernels" / "jupyter-envs"
    assert written(brought) == kernelspecs.packaged()
    installed = [str(file) for file in metadata.files("jupyter-envs") or ()]
    assert any(file.endswith("share/jupyter/kernels/jupyter-envs/kernel.json") for file in installed)


def test_what_the_wheel_brought_gets_this_python_or_stays(folders: Path) -> None:
    folder = folders / "prefix" / "share" / "jupyter" / "kernels" / kernelspecs.NAME
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(kernelspecs.packaged()))
    folder.chmod(0o555)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernelspecs.os, "access", lambda path, mode: False)
        assert kernelspecs.ensure() == folder
    assert written(folder) == kernelspecs.packaged()
    folder.chmod(0o755)
    assert kernelspecs.ensure() == folder
    assert written(folder) == kernelspecs.general()


def test_a_second_look_writes_nothing() -> None:
    folder = kernelspecs.ensure()
    before = (folder / "kernel.json").stat()
    assert kernelspecs.ensure() == folder
    assert (folder / "kernel.json").stat().st_mtime_ns == before.st_mtime_ns


def test_a_damaged_one_is_healed() -> None:
    folder = kernelspecs.ensure()
    (folder / "kernel.json").write_text("{}")
    assert written(kernelspecs.ensure()) == kernelspecs.general()


def test_where_the_python_is_not_ours_to_write_the_users_folder_serves(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = kernelspecs.os.access
    monkeypatch.setattr(kernelspecs.os, "access", lambda path, mode: "prefix" not in str(path) and real(path, mode))
    assert kernelspecs.ensure().is_relative_to(folders / "data")


def test_a_named_one_says_which_notebook(folders: Path) -> None:
    notebook = folders / "a.ipynb"
    notebook.write_text("{}")
    named = kernelspecs.add("mine", notebook=notebook)
    spec = written(named.folder)
    assert spec["argv"] == [
        sys.executable, str(kernelspecs.STANDALONE), "-f", "{connection_file}", "--notebook", str(notebook.resolve()),
    ]  # fmt: skip
    assert "kernel_provisioner" not in spec["metadata"]  # type: ignore[operator]
    assert [n.name for n in kernelspecs.listed()] == ["mine"]
    kernelspecs.remove("mine")
    assert kernelspecs.listed() == ()


def test_a_name_that_was_given_is_not_pointed_elsewhere(folders: Path) -> None:
    notebooks = [folders / "a.ipynb", folders / "b.ipynb"]
    for notebook in notebooks:
        notebook.write_text("{}")
    kernelspecs.add("mine", notebook=notebooks[0])
    with pytest.raises(UsageError, match="already another kernel") as refused:
        kernelspecs.add("mine", notebook=notebooks[1])
    assert refused.value.code == "kernelspec-taken"
    assert kernelspecs.add("mine", notebook=notebooks[0], display_name="Mine").display_name == "Mine"
    assert [n.notebook for n in kernelspecs.listed()] == [str(notebooks[0].resolve())]


def test_notebooks_of_one_name_get_kernels_of_their_own(folders: Path) -> None:
    names = []
    for folder in ("one", "two", "one"):
        notebook = folders / folder / "My Analysis.ipynb"
        notebook.parent.mkdir(exist_ok=True)
        notebook.write_text("{}")
        names.append(kernelspecs.name_for(notebook))
        kernelspecs.add(names[-1], notebook=notebook)
    assert names[0] == names[2] == "jupyter-envs-my-analysis"
    assert re.fullmatch(r"jupyter-envs-my-analysis-[0-9a-f]{6}", names[1])
    assert len(kernelspecs.listed()) == 2


def test_other_peoples_kernels_are_left_alone(folders: Path) -> None:
    foreign = folders / "data" / "kernels" / "ir"
    foreign.mkdir(parents=True)
    (foreign / "kernel.json").write_text('{"argv": ["R"], "display_name": "R", "language": "R"}')
    with pytest.raises(UsageError, match="already another kernel"):
        kernelspecs.add("ir", environment="abc")
    with pytest.raises(UsageError, match="not made a kernel called"):
        kernelspecs.remove("ir")
    assert foreign.exists()


@pytest.mark.parametrize("name", ["", "../x", "Ä", "a b", "jupyter-envs", "python3"])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(UsageError):
        kernelspecs.add(name, environment="abc")


def test_a_notebook_that_is_not_there(folders: Path) -> None:
    with pytest.raises(NotebookError):
        kernelspecs.add("mine", notebook=folders / "none.ipynb")


def test_two_that_add_one_name_at_once_do_not_both_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second is told that the name is taken, even if it came before the first had written anything."""
    notebooks = [tmp_path / name for name in ("a.ipynb", "b.ipynb")]
    for notebook in notebooks:
        notebook.write_text("{}")
    answers: list[str] = []

    def add(notebook: Path) -> None:
        try:
            answers.append(str(kernelspecs.add("mine", notebook=notebook).notebook))
        except UsageError as error:
            answers.append(error.code)

    second = threading.Thread(target=add, args=(notebooks[1],))
    real = kernelspecs._written

    def later(folder: Path, spec: dict[str, Any]) -> bool:
        monkeypatch.setattr(kernelspecs, "_written", real)
        second.start()
        second.join(0.3)
        return real(folder, spec)

    monkeypatch.setattr(kernelspecs, "_written", later)
    add(notebooks[0])
    second.join()
    assert answers == [str(notebooks[0]), "kernelspec-taken"]
    assert [named.notebook for named in kernelspecs.listed()] == [str(notebooks[0])]
