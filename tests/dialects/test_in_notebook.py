"""What notebooks themselves say in the ways of other tools, and taking it over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.dialects.in_notebook import look, read_in
from jupyter_envs.errors import InputError
from tests.local_index import LocalIndex
from tests.test_cli import Cli, block_in, cli, notebook, signals
from tests.wheels import wheel

__all__ = ["cli", "notebook", "signals"]
from .notebooks import HASH, LOCK, SCRIPT, UV_LOCK, content, one, texts

# -- readers ---------------------------------------------------------------------------------------------------------


def test_juv_keeps_its_lock() -> None:
    name, found = one(content(SCRIPT, "import demo", **{"uv.lock": UV_LOCK.replace("HASH", HASH)}))
    assert (name, found.dialect, found.where) == ("juv", "juv", "cell 1")
    assert texts(found) == ["demo<2", "shout"] and found.requires_python == ">=3.9"
    assert [(pin.name, pin.version, pin.hashes) for pin in found.pins] == [
        ("demo", "1.0", frozenset({HASH})),
        ("demo-dep", "1.1", frozenset()),
    ]
    assert found.indexes == ()


def test_a_package_of_another_index_in_a_lock_is_taken_from_no_other() -> None:
    private = UV_LOCK.replace("HASH", HASH).replace("https://pypi.org/simple", "https://private.example/simple", 1)
    _, found = one(content(SCRIPT, **{"uv.lock": private}))
    assert [(index.url, index.default) for index in found.indexes] == [("https://private.example/simple", False)]
    assert found.taken_from == {"demo": "https://private.example/simple"}


def test_what_tool_uv_says_counts_or_is_named() -> None:
    more = """# [tool.uv]
# exclude-newer = "2026-01-01"
# override-dependencies = ["six<2"]
# no-build = true
# [[tool.uv.index]]
# name = "corp"
# url = "https://corp.example/simple"
# explicit = true
# [tool.uv.sources]
# shout = { index = "corp" }
# demo = { git = "https://github.com/a/demo", tag = "v1" }
# ///
"""
    _, found = one(content(SCRIPT.replace("demo<2", "demo").replace("# ///\n", more)))
    assert found.exclude_newer == "2026-01-01" and [item.text for item in found.overrides] == ["six<2"]
    assert found.taken_from == {"shout": "corp"} and [index.default for index in found.indexes] == [False]
    source = found.requirements[0].source
    assert source and source.url == "git+https://github.com/a/demo@v1"
    assert "cell 1: [tool.uv] no-build is not taken over." in found.notes


@pytest.mark.parametrize(
    "metadata",
    [
        {"runt": {"uv": {"dependencies": ["demo<2"], "requires-python": ">=3.9", "prerelease": "allow"}}},
        {"uv": {"dependencies": ["demo<2"], "requires-python": ">=3.9", "prerelease": "allow"}},
    ],
    ids=["runt", "legacy"],
)
def test_nteract(metadata: dict[str, Any]) -> None:
    name, found = one(content(**metadata))
    assert (name, texts(found), found.requires_python, found.prerelease) == ("nteract", ["demo<2"], ">=3.9", True)


def test_nteracts_conda_list_waits_for_conda(cli: Cli, notebook: Path) -> None:
    runt = {"conda": {"dependencies": ["gdal=3.8"], "channels": ["conda-forge"], "python": "3.11", "solver": "x"}}
    _, found = one(content(runt=runt))
    assert found.conda and found.conda.dependencies == ("gdal=3.8",) and found.conda.channels == ("conda-forge",)
    assert found.requires_python == "==3.11.*" and found.notes == ("metadata.runt.conda.solver is not taken over.",)
    notebook.write_text(json.dumps(content(runt=runt)))
    said = cli("import", notebook, "--from", "nteract", "--accept")
    assert said.code == 0 and "cannot install conda packages yet" in said.out + said.err
    assert block_in(notebook).spec.conda == found.conda


def test_nteracts_conda_list_of_python_alone_needs_no_conda() -> None:
    conda = {"dependencies": ["python=3.11", "pip"], "channels": ["conda-forge"]}
    _, found = one(content(runt={"conda": conda, "uv": {"dependencies": ["demo"]}}))
    assert found.conda is None and found.requires_python == "==3.11.*" and texts(found) == ["demo"]
    assert any("no conda is needed" in note for note in found.notes)


@pytest.mark.parametrize(
    ("conda", "code"),
    [
        ({"dependencies": ["gdal"], "channels": ["https://u:secret@own.example/t/secret-1/x"]}, "conda-channel"),
        ({"dependencies": ["gdal; rm"], "channels": []}, "conda-dependency"),
    ],
)
def test_what_nteract_asks_of_conda_is_checked(conda: dict[str, Any], code: str) -> None:
    ((_, said),) = look(content(runt={"conda": conda}), None)
    assert isinstance(said, InputError) and said.code == code and "metadata.runt.conda." in said.sentence
    assert "secret" not in said.sentence


def test_jupyterlab_requirements() -> None:
    wanted = {
        "packages": {"demo": "<2", "Shout": {"version": "*", "extras": ["loud"], "markers": "python_version >= '3'", "index": "pypi"}},
        "requires": {"python_version": "3.8"},
        "sources": [{"name": "pypi", "url": "https://pypi.org/simple", "verify_ssl": True}],
        "dev-packages": {"black": "*"},
    }  # fmt: skip
    lock = {"_meta": {}, "default": {"demo": {"version": "==1.0", "hashes": [f"sha256:{HASH}"], "index": "pypi"}}}
    name, found = one(content(requirements=json.dumps(wanted), requirements_lock=json.dumps(lock)))
    assert name == "jupyterlab-requirements" and found.requires_python == "==3.8.*"
    assert texts(found) == ["demo<2", 'shout[loud] ; python_version >= "3"']
    assert [(pin.name, pin.version, pin.hashes) for pin in found.pins] == [("demo", "1.0", frozenset({HASH}))]
    assert found.taken_from == {} and found.notes == ("metadata.requirements: dev-packages is not taken over.",)


def test_marimo_in_a_notebook_and_in_a_script(tmp_path: Path) -> None:
    from jupyter_envs.dialects.python_file import read

    name, found = one(content("import demo", marimo={"header": SCRIPT, "marimo_version": "0.19"}))
    assert (name, found.dialect, texts(found)) == ("marimo", "marimo", ["demo<2", "shout"])
    app = tmp_path / "app.py"
    app.write_text(SCRIPT + '\nimport marimo\n\n__generated_with = "0.19"\napp = marimo.App()\n')
    assert (read(app).dialect, texts(read(app))) == ("marimo", ["demo<2", "shout"])
    app.write_text("print(1)\n")
    with pytest.raises(InputError, match="does not say which packages") as caught:
        read(app)
    assert caught.value.code == "nothing-found"


def test_databricks_in_a_notebook_and_in_its_source_form(tmp_path: Path) -> None:
    from jupyter_envs.dialects.python_file import read

    about = {"environmentMetadata": {"environment_version": "3", "dependencies": ["demo<2", "-r /Workspace/r.txt"]}}
    name, found = one(content("%pip install shout", **{"application/vnd.databricks.v1+notebook": about}))
    assert (name, texts(found)) == ("databricks", ["demo<2", "shout"])
    assert any("-r /Workspace/r.txt is left out" in note for note in found.notes)
    assert any("environment version 3 of Databricks" in note for note in found.notes)
    source = tmp_path / "job.py"
    source.write_text(
        "# Databricks notebook source\n# MAGIC %pip install demo<2\n\n# COMMAND ----------\n\nimport demo\n"
        "# COMMAND ----------\n# MAGIC %sh pip install shout\n"
    )
    assert texts(read(source)) == ["demo<2"] and read(source).dialect == "Databricks"


# -- taking it over --------------------------------------------------------------------------------------------------


def test_what_a_notebook_says_is_listed_and_taken_by_name(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    notebook.write_text(json.dumps(content(SCRIPT, "!pip install six")))
    before = notebook.read_bytes()
    said = cli("import", notebook)
    assert "juv: 2 packages, Python >=3.9" in said.out and "cells: 1 package" in said.out
    assert f"To take one over: jupyter envs import {notebook} --from juv" in said.out
    assert notebook.read_bytes() == before
    assert cli("import", notebook, "--from", "juv", LOCK).code == 3
    assert cli("import", notebook, "--from", "pep723", LOCK, "--accept").code == 0
    assert block_in(notebook).dependencies == ("demo<2", "shout") and block_in(notebook).requires_python == ">=3.9"
    refused = cli("import", notebook, "--from", "nteract")
    assert "error[no-such-dialect]" in refused.err and "There is: juv, cells." in refused.err


def test_a_lock_of_juv_keeps_its_versions(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    index.add(wheel("demo", "1.5", requires=["demo-dep"]))
    sha = wheel("demo", "1.0").sha256
    notebook.write_text(json.dumps(content(SCRIPT, **{"uv.lock": UV_LOCK.replace("HASH", sha)})))
    assert cli("import", notebook, "--from", "juv", LOCK, "--accept").code == 0
    lock = block_in(notebook).lock
    assert lock and {row.name: row.version for row in lock.packages}["demo"] == "1.0"
    wrong = notebook.with_name("b.ipynb")
    wrong.write_text(json.dumps(content(SCRIPT, **{"uv.lock": UV_LOCK.replace("HASH", HASH)})))
    assert "error[requirements-hash]" in cli("import", wrong, "--from", "juv", LOCK, "--accept").err


def test_another_notebooks_list_and_lock_are_taken(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    other = notebook.with_name("b.ipynb")
    other.write_text(notebook.read_text())
    assert cli("install", other, "demo<2", "shout", LOCK).code == 0
    index.add(wheel("shout", "9.0"))
    assert cli("import", notebook, other, LOCK, "--accept").code == 0
    assert block_in(notebook).dependencies == ("demo<2", "shout")
    ours, theirs = block_in(notebook).lock, block_in(other).lock
    assert ours and theirs and [row.version for row in ours.packages] == [row.version for row in theirs.packages]


def test_a_notebook_of_another_tool_is_taken_too(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    other = notebook.with_name("b.ipynb")
    other.write_text(json.dumps(content(SCRIPT)))
    assert cli("import", notebook, other, LOCK, "--accept").code == 0
    assert block_in(notebook).dependencies == ("demo<2", "shout")
    other.write_text(json.dumps(content("!pip install six", SCRIPT)))
    assert "error[several-lists]" in cli("import", notebook, other).err
    other.write_text(json.dumps(content("1")))
    assert "error[nothing-found]" in cli("import", notebook, other).err


def test_a_script_is_written_as_it_is_read(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    from jupyter_envs.dialects.script import read_text, write

    assert cli("install", notebook, "demo<2", "shout", LOCK).code == 0
    block = block_in(notebook)
    written = write(block.spec, block.lock, {})
    found = read_text(written.text, "x")
    assert found and texts(found) == ["demo<2", "shout"] and written.text.startswith("# /// script\n")
    assert any("no lock" in note for note in written.notes)


def test_no_such_way(cli: Cli) -> None:
    with pytest.raises(InputError, match="--from does not know") as caught:
        read_in("poetry", content(), None)
    assert caught.value.code == "no-such-dialect"
