"""A run has worked for hours, and its outputs cannot be saved where they were to be: they are somewhere, and it says
where."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_envs.cli import run
from jupyter_envs.errors import EnvsError
from jupyter_envs.notebook import NotebookFile

from .store.mounts import fill, read_only, tmpfs

BEFORE = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
OUTPUTS = json.dumps({"cells": [], "metadata": {"precious": "x" * 20_000}, "nbformat": 4, "nbformat_minor": 5}).encode()


@pytest.fixture
def file(tmp_path: Path) -> NotebookFile:
    return made(tmp_path / "work")


@pytest.fixture(autouse=True)
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))


def made(folder: Path) -> NotebookFile:
    folder.mkdir(exist_ok=True)
    (folder / "a.ipynb").write_bytes(BEFORE)
    return NotebookFile.read(folder / "a.ipynb")


def saved(file: NotebookFile, output: Path | None = None) -> tuple[str, Path]:
    """The code of the error, and where the outputs are."""
    with pytest.raises(EnvsError) as caught:
        run._save(file, output, OUTPUTS)
    error = caught.value
    place = Path(error.data["outputs"])
    assert place.read_bytes() == OUTPUTS
    assert str(place) in error.hint and error.exit_code == 1
    return error.code, place


def test_they_are_in_the_notebook_where_nothing_is_in_the_way(file: NotebookFile) -> None:
    assert run._save(file, None, OUTPUTS) == file.path
    assert file.path.read_bytes() == OUTPUTS


def test_beside_a_notebook_that_was_saved_meanwhile_each_in_a_file_of_its_own(file: NotebookFile) -> None:
    file.path.write_bytes(BEFORE + b" ")
    assert saved(file) == ("changed-on-disk", file.path.with_name("a-outputs.ipynb"))
    assert saved(file) == ("changed-on-disk", file.path.with_name("a-outputs-2.ipynb"))
    assert file.path.read_bytes() == BEFORE + b" "


def notebook_gone(folder: Path) -> None:
    (folder / "a.ipynb").unlink()


def folder_gone(folder: Path) -> None:
    shutil.rmtree(folder)


def folder_is_a_file(folder: Path) -> None:
    folder_gone(folder)
    folder.touch()


def link_to_itself(folder: Path) -> None:
    notebook_gone(folder)
    (folder / "a.ipynb").symlink_to("a.ipynb")


@pytest.mark.parametrize("meanwhile", [notebook_gone, folder_gone, folder_is_a_file])
def test_in_the_home_where_the_notebook_is_gone(
    file: NotebookFile, home: Path, meanwhile: Callable[[Path], None]
) -> None:
    meanwhile(file.path.parent)
    code, place = saved(file)
    assert code in ("not-found", "not-writable", "changed-on-disk")
    assert place.parent == home / "kept"


@pytest.mark.parametrize("meanwhile", [folder_gone, folder_is_a_file])
def test_in_the_home_where_the_output_cannot_be_made(
    file: NotebookFile, tmp_path: Path, home: Path, meanwhile: Callable[[Path], None]
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    meanwhile(folder)
    code, place = saved(file, folder / "out.ipynb")
    assert (code, place.parent) == ("not-writable", home / "kept")
    assert file.path.read_bytes() == BEFORE


def test_beside_a_notebook_that_became_a_link_to_itself(file: NotebookFile) -> None:
    link_to_itself(file.path.parent)
    assert saved(file)[1] == file.path.with_name("a-outputs.ipynb")


def test_beside_an_output_that_became_a_folder(file: NotebookFile) -> None:
    output = file.path.with_name("out.ipynb")
    output.mkdir()
    assert saved(file, output) == ("changed-on-disk", file.path.with_name("out-outputs.ipynb"))


@pytest.mark.parametrize("how", ["full", "read-only"])
@pytest.mark.parametrize("output", [None, "out.ipynb"])
def test_in_the_home_where_the_disk_takes_no_more(tmp_path: Path, home: Path, how: str, output: str | None) -> None:
    with tmpfs(tmp_path / "small", "256k") as folder:
        file = made(folder)
        if how == "full":
            fill(folder, 0)
        else:
            read_only(folder)
        code, place = saved(file, folder / output if output else None)
        assert (code, place.parent) == ("not-writable", home / "kept")
        assert file.path.read_bytes() == BEFORE


def test_among_temporary_files_where_the_home_takes_nothing_either(
    file: NotebookFile, home: Path, tmp_path: Path
) -> None:
    (home / "kept").touch()
    notebook_gone(file.path.parent)
    _, place = saved(file)
    assert place.is_relative_to(tmp_path / "temporary")


def test_if_they_can_be_nowhere_that_is_said(file: NotebookFile, home: Path, tmp_path: Path) -> None:
    (home / "kept").touch()
    (tmp_path / "temporary").rmdir()
    notebook_gone(file.path.parent)
    with pytest.raises(EnvsError, match="The outputs are lost"):
        run._save(file, None, OUTPUTS)
