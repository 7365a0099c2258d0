"""Kernelspecs are written where Jupyter looks, and ours can be started by anybody who can start a program."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from jupyter_envs import kernelspec
from jupyter_envs.errors import NotebookError, UsageError


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_PATH", "")
    prefix = tmp_path / "prefix"
    prefix.mkdir()
    monkeypatch.setattr(sys, "prefix", str(prefix))
    monkeypatch.setattr(
        kernelspec, "jupyter_path",
        lambda *parts: [str(tmp_path / "data" / Path(*parts)), str(prefix / "share" / "jupyter" / Path(*parts))],
    )  # fmt: skip
    return tmp_path


def written(folder: Path) -> dict[str, object]:
    value: dict[str, object] = json.loads((folder / "kernel.json").read_text())
    return value


def test_it_is_registered_beside_this_python(folders: Path) -> None:
    folder = kernelspec.ensure()
    assert folder.is_relative_to(folders / "prefix")
    assert written(folder) == kernelspec.general()


def test_a_second_look_writes_nothing() -> None:
    folder = kernelspec.ensure()
    before = (folder / "kernel.json").stat()
    assert kernelspec.ensure() == folder
    assert (folder / "kernel.json").stat().st_mtime_ns == before.st_mtime_ns


def test_a_damaged_one_is_healed() -> None:
    folder = kernelspec.ensure()
    (folder / "kernel.json").write_text("{}")
    assert written(kernelspec.ensure()) == kernelspec.general()


def test_where_the_python_is_not_ours_to_write_the_users_folder_serves(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = kernelspec.os.access
    monkeypatch.setattr(
        kernelspec.os, "access", lambda path, mode: "prefix" not in str(path) and real(path, mode)
    )
    assert kernelspec.ensure().is_relative_to(folders / "data")


def test_a_named_one_says_which_notebook(folders: Path) -> None:
    notebook = folders / "a.ipynb"
    notebook.write_text("{}")
    named = kernelspec.add("mine", notebook=notebook)
    spec = written(named.folder)
    assert spec["argv"] == [
        sys.executable, str(kernelspec.STANDALONE), "-f", "{connection_file}", "--notebook", str(notebook.resolve()),
    ]  # fmt: skip
    assert "kernel_provisioner" not in spec["metadata"]  # type: ignore[operator]
    assert [n.name for n in kernelspec.listed()] == ["mine"]
    kernelspec.remove("mine")
    assert kernelspec.listed() == ()


def test_other_peoples_kernels_are_left_alone(folders: Path) -> None:
    foreign = folders / "data" / "kernels" / "ir"
    foreign.mkdir(parents=True)
    (foreign / "kernel.json").write_text('{"argv": ["R"], "display_name": "R", "language": "R"}')
    with pytest.raises(UsageError, match="already another kernel"):
        kernelspec.add("ir", environment="abc")
    with pytest.raises(UsageError, match="no kernel called"):
        kernelspec.remove("ir")
    assert foreign.exists()


@pytest.mark.parametrize("name", ["", "../x", "Ä", "a b", "jupyter-envs", "python3"])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(UsageError):
        kernelspec.add(name, environment="abc")


def test_a_notebook_that_is_not_there(folders: Path) -> None:
    with pytest.raises(NotebookError):
        kernelspec.add("mine", notebook=folders / "none.ipynb")
