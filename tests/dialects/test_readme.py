"""The commands of the README's "If you come from …" do what it says, with files as those tools write them."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import nbformat
import pytest

from tests.local_index import LocalIndex
from tests.test_cli import Cli, block_in, cli, made, notebook, signals
from tests.test_docs import ROOT
from tests.wheels import Dist, wheel

from .samples import BY_NAME, SHA, WHEEL

__all__ = ["cli", "notebook", "signals"]
SECTION = (ROOT / "README.md").read_text(encoding="utf-8").split("## If you come from …")[1].split("\n## ")[0]
ROWS = re.findall(r"^\| \*\*(.+?)\*\*:? [^|]*\| `([^`]+)`", SECTION, re.MULTILINE)
IMPORTS = [command for _, command in ROWS if command.startswith("jupyter envs import ")]
INFER, PAPERMILL = "jupyter envs infer nb.ipynb", "papermill nb.ipynb out.ipynb -p year 2026"
"""The second one is run by tests/test_papermill.py."""
WAITS = {"environment.yml", "pixi.toml"}
"""What conda has to give is recorded, and not installed."""
PYTHON = {".python-version"}
"""What says only which Python."""
LOCKS = re.compile(r"lock|\.txt\Z|\.venv\Z|binder\Z")
"""Of what has versions; without one, the newest is taken."""
CELLS = {
    "juv": (BY_NAME["script.py"], {}),
    "nteract": ("1", {"runt": {"schema_version": "1", "uv": {"dependencies": ["six>=1.16"]}}}),
    "cells": ("!pip install -q six", {}),
    "databricks": ("%pip install six", {"application/vnd.databricks.v1+notebook": {}}),
}
"""What `--from` takes: the source of a cell, and metadata."""


@pytest.fixture
def six(index: LocalIndex) -> Dist:
    made = wheel("six", "1.17.0", tag="py2.py3-none-any")
    assert made.filename == WHEEL
    index.add(made, wheel("six", "1.18.0"), wheel("numpy", "1.26.4"))
    return made


def sample(name: str, six: Dist, index: LocalIndex) -> str:
    """For the Python here, and the index of these tests."""
    text = BY_NAME[name].replace(SHA, six.sha256).replace("https://pypi.org/simple", index.url)
    return text.replace("3.11", f"3.{sys.version_info.minor}")


def test_every_row_has_its_test() -> None:
    assert len(ROWS) == SECTION.count("| **") and {command for _, command in ROWS} == {*IMPORTS, INFER, PAPERMILL}
    assert len(IMPORTS) > 3


def beside(folder: Path, word: str, six: Dist, index: LocalIndex) -> None:
    """What the tool has made."""
    if word == ".venv":
        site = folder / word / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
        info = site / "six-1.17.0.dist-info"
        info.mkdir(parents=True)
        (folder / word / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {sys.version.split()[0]}\n")
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: six\nVersion: 1.17.0\n")
        (info / "REQUESTED").touch()
        (info / "RECORD").write_text("six.py,,\n")
    elif word == "binder":
        (folder / word).mkdir()
        (folder / word / "requirements.txt").write_text(sample("requirements.txt", six, index))
    elif word in BY_NAME:
        (folder / word).write_text(sample(word, six, index))


def inside(notebook: Path, dialect: str, index: LocalIndex) -> None:
    source, metadata = CELLS[dialect]
    content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id="a")], metadata=metadata)
    notebook.write_text(nbformat.writes(content).replace("3.11", f"3.{sys.version_info.minor}"))


@pytest.mark.parametrize("command", IMPORTS)
def test_one_command_takes_over_what_somebody_has(
    cli: Cli, notebook: Path, index: LocalIndex, six: Dist, command: str
) -> None:
    notebook = notebook.rename(notebook.with_name("nb.ipynb"))
    words = shlex.split(command)[2:]
    assert words[:2] == ["import", "nb.ipynb"]
    for word in words[2:]:
        beside(notebook.parent, word, six, index)
    if "--from" in words:
        inside(notebook, words[-1], index)
    said = cli(*words, "--accept", "--no-build-env")
    assert said.code == 0, said.err
    block = block_in(notebook)
    if PYTHON & {*words}:
        assert block.requires_python
        return
    assert "six" in block.spec.names
    if not WAITS & {*words}:
        assert block.locked and block.lock
        version = {row.name: row.version for row in block.lock.packages}["six"]
        assert version == ("1.17.0" if any(map(LOCKS.search, words[2:])) else "1.18.0")


def test_a_notebook_that_declares_nothing(cli: Cli, notebook: Path, index: LocalIndex, six: Dist) -> None:
    file = made(notebook.with_name("nb.ipynb"), "import six")
    before = file.read_bytes()
    said = cli(*shlex.split(INFER)[2:])
    assert "six" in said.out + said.err and file.read_bytes() == before
    assert cli(*shlex.split(INFER)[2:], "--accept", "--no-build-env").code == 0
    assert block_in(file).spec.names == ("six",)
