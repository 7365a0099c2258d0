"""A Python that somebody chose, by version or by path: it stays chosen."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from jupyter_envs.errors import InputError
from jupyter_envs.machine import interpreters
from jupyter_envs.machine.interpreters.candidates import candidates, own
from jupyter_envs.model.python_words import python_limits
from jupyter_envs.settings import Settings

from .local_index import LocalIndex
from .test_cli import Cli, block_in, cli, notebook, signals

__all__ = ["cli", "notebook", "signals"]
MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"
VERSION = f"{MINOR}.{sys.version_info.micro}"


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """Another Python of our version, which only its path names."""
    path = tmp_path / "second" / "bin" / own().name
    path.parent.mkdir(parents=True)
    shutil.copy2(own(), path)
    (tmp_path / "second" / "lib").symlink_to(own().parent.parent / "lib")
    return path


def state(cli: Cli, notebook: Path) -> tuple[str, str]:
    said = cli("status", notebook, "--json").json
    return said["state"], said["python"]["path"]


def test_a_python_that_is_named_by_its_path_stays(cli: Cli, notebook: Path, index: LocalIndex, second: Path) -> None:
    said = cli("install", notebook, "demo<2", "--python", second)
    assert said.code == 0, said.err
    assert state(cli, notebook) == ("ready", str(second))
    assert str(second) not in notebook.read_text()
    assert cli("install", notebook, "shout").code == 0
    assert state(cli, notebook) == ("ready", str(second)), "the next change keeps it"
    assert cli("install", notebook, "shout", "--python", own(), "--no-build-env").code == 0
    assert state(cli, notebook)[1] == str(own()), "until another one is chosen"
    second.unlink()
    assert cli("status", notebook, "--json").json["python"]["path"] == str(own())


def test_the_verb_takes_a_path_and_the_notebook_asks_for_its_version(
    cli: Cli, notebook: Path, index: LocalIndex, second: Path
) -> None:
    assert cli("install", notebook, "demo<2", "--no-build-env").code == 0
    said = cli("python", notebook, second, "--no-build-env")
    assert said.code == 0, said.err
    assert block_in(notebook).requires_python == f"=={MINOR}.*"
    assert state(cli, notebook)[1] == str(second)
    assert block_in(notebook).history[-1].did == f"python {MINOR}"


@pytest.mark.parametrize("word", [VERSION, MINOR, f">={MINOR},<3.99", f"python{MINOR}"])
def test_words_for_a_version(cli: Cli, notebook: Path, index: LocalIndex, word: str) -> None:
    assert cli("python", notebook, word, "--no-build-env").code == 0
    assert block_in(notebook).requires_python == python_limits(word, "x")
    assert cli("status", notebook, "--json").json["python"]["version"] == VERSION
    assert cli("install", notebook, "demo", "--no-build-env", "--python", word).code == 0


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("pypy3.11", "python-unsupported"), ("3.13t", "python-unsupported"), ("new", "python-spec"),
        ("/no/such/python", "no-python"), ("/dev/null", "no-python"), ("3.99.1", "no-python"),
    ],
)  # fmt: skip
def test_what_cannot_be_chosen_is_refused_in_a_sentence(
    cli: Cli, notebook: Path, index: LocalIndex, word: str, code: str
) -> None:
    before = notebook.read_bytes()
    for words in (["python", notebook, word], ["install", notebook, "demo", "--python", word]):
        assert f"error[{code}]" in cli(*words, "--no-build-env").err
    assert notebook.read_bytes() == before


def test_a_program_that_is_no_python_is_refused(cli: Cli, notebook: Path, index: LocalIndex, tmp_path: Path) -> None:
    pypy = tmp_path / "pypy3"
    pypy.write_text(f"#!/bin/sh\necho '{json.dumps(['pypy', '3.11.1', 'x86_64', '', str(pypy)])}'\n")
    pypy.chmod(0o755)
    assert "is not a CPython of version 3.8 or newer" in cli("python", notebook, pypy).err


def test_a_python_that_the_notebook_does_not_allow_is_refused(
    cli: Cli, notebook: Path, index: LocalIndex, second: Path
) -> None:
    value = json.loads(notebook.read_text())
    value["metadata"]["jupyter_envs"] = {"version": 1, "requires-python": f"!={VERSION}", "dependencies": ["demo"]}
    notebook.write_text(json.dumps(value))
    said = cli("install", notebook, "shout", "--python", second, "--no-build-env")
    assert f"This notebook asks for Python !={VERSION}" in said.err and "jupyter envs python NOTEBOOK" in said.err


def test_how_people_say_a_python() -> None:
    assert python_limits("3.12.1", "x") == "==3.12.1" and python_limits("cpython-3.12", "x") == "==3.12.*"
    with pytest.raises(InputError, match="is not a version requirement"):
        python_limits("", "x")


def test_environments_of_conda_micromamba_and_pixi_are_read_and_not_started(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAMBA_ROOT_PREFIX", str(tmp_path / "mamba"))
    monkeypatch.setenv("PIXI_HOME", str(tmp_path / "pixi"))
    for prefix in (tmp_path / "mamba", tmp_path / "mamba/envs/geo", tmp_path / "pixi/envs/tool"):
        program = prefix / "bin" / "python3.12"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\ntouch {prefix}/started\nexit 1\n")
        program.chmod(0o755)
        (prefix / "conda-meta").mkdir()
        record = {"name": "python", "version": "3.12.4", "build": "h194c7f8_0_cpython", "subdir": "linux-64"}
        (prefix / "conda-meta" / "python-3.12.4-h194c7f8_0_cpython.json").write_text(json.dumps(record))
    there = {str(path) for path, source in candidates(settings) if source == "conda"}
    found = [python for python in interpreters.discover(settings) if tmp_path in python.path.parents]
    assert {str(python.path) for python in found} <= there and len(found) == 3
    assert {(python.version, python.source, python.arch) for python in found} == {("3.12.4", "conda", "x86_64")}
    assert not [*tmp_path.rglob("started")]


def test_a_first_lock_is_said_as_such(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    said = cli("lock", notebook)
    assert (said.code == 0 and "Locked: Python" in said.out) or "+ " in said.out
    assert "nothing had to change" not in said.out


def test_a_notebook_that_is_not_locked_does_not_say_that_no_python_fits(
    cli: Cli, notebook: Path, index: LocalIndex
) -> None:
    value = json.loads(notebook.read_text())
    value["metadata"]["jupyter_envs"] = {"version": 1, "requires-python": f"=={MINOR}.*", "dependencies": ["demo"]}
    notebook.write_text(json.dumps(value))
    said = cli("status", notebook).out
    assert f"asks for =={MINOR}.*" in said and "none on this machine" not in said
