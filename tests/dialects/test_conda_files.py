"""What files of conda ask for: it is recorded and waits, and nothing is called ready without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envs.dialects.conda_specs import channel_of, in_pep440
from jupyter_envs.dialects.found import Found
from jupyter_envs.dialects.table import dialect_of
from jupyter_envs.errors import InputError
from tests.local_index import LocalIndex
from tests.test_cli import Cli, block_in, cli, notebook, signals

__all__ = ["cli", "notebook", "signals"]
LOCK = "--no-build-env"
GEO = """\
name: geo
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python=3.11
  - gdal>=3.9,<4
  - conda-forge::numpy=1.26
  - pytorch=2.1=*cuda*
  - pip
  - pip:
      - shout
      - demo<2  # a comment
prefix: /home/me/miniconda3/envs/geo
variables:
  GDAL_DATA: /x
"""


def read(folder: Path, text: str, name: str = "environment.yml") -> Found:
    file = folder / name
    file.write_text(text)
    return dialect_of(file).read(file, ())


def test_an_environment_file_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, GEO)
    assert found.conda and found.conda.channels == ("conda-forge",)
    assert found.conda.dependencies == (
        "python=3.11", "gdal>=3.9,<4", "conda-forge::numpy=1.26", "pytorch=2.1=*cuda*", "pip",
    )  # fmt: skip
    assert found.requires_python == "==3.11.*"
    assert [item.text for item in found.requirements] == ["shout", "demo<2"]
    assert [note.partition(" is ")[0] for note in found.notes] == [
        "environment.yml:14: `prefix`", "environment.yml:15: `variables`",
    ]  # fmt: skip


def test_what_conda_has_to_give_waits_and_is_never_ready(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    (notebook.parent / "environment.yml").write_text(GEO)
    assert "5 packages from conda" in cli("import", notebook).out
    said = cli("import", notebook, "environment.yml", "--json")
    assert said.code == 0, said.err
    assert any("waits" in note for note in said.json["notes"])
    block = block_in(notebook)
    assert block.dependencies == ("shout", "demo<2") and block.requires_python == "==3.11.*"
    assert block.spec.conda and "gdal>=3.9,<4" in block.spec.conda.dependencies and block.lock is None
    assert index.hits == []
    status = cli("status", notebook, "--json").json
    assert (status["state"], status["error"]["code"]) == ("not-built", "needs-conda")
    for verb in ("lock", "build"):
        assert "error[needs-conda]" in cli(verb, notebook).err


def test_where_conda_is_asked_for_python_alone_no_conda_is_needed(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    text = "channels: [defaults]\ndependencies: [python>=3.9, pip, {pip: [demo<2]}]\n"
    (notebook.parent / "environment.yml").write_text(text)
    said = cli("import", notebook, "environment.yml", LOCK, "--accept", "--json")
    assert said.code == 0, said.err
    assert any("asks conda only for python, pip: no conda is needed" in note for note in said.json["notes"])
    block = block_in(notebook)
    assert (block.dependencies, block.requires_python, block.spec.conda) == (("demo<2",), ">=3.9", None)
    assert block.locked


def test_the_tools_beside_python_come_from_the_index(tmp_path: Path) -> None:
    found = read(tmp_path, "dependencies: [python, setuptools<60, wheel=0.40, pip=23]\n")
    assert found.conda is None and [item.text for item in found.requirements] == ["setuptools<60", "wheel==0.40.*"]


def test_an_export_keeps_builds_and_the_versions_of_its_pip_part(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    text = (
        "name: x\nchannels: [conda-forge, pkgs/main]\ndependencies:\n  - _libgcc_mutex=0.1=conda_forge\n"
        "  - python=3.10.2=h543edf9_0_cpython\n  - pip:\n    - demo==1.0\n    - demo-dep==1.1\n"
    )
    (notebook.parent / "environment.yml").write_text(text)
    said = cli("import", notebook, "environment.yml")
    assert said.code == 0, said.err
    block = block_in(notebook)
    assert block.spec.conda and block.spec.conda.dependencies == (
        "_libgcc_mutex=0.1=conda_forge", "python=3.10.2=h543edf9_0_cpython",
    )  # fmt: skip
    assert block.dependencies == ("demo==1.0", "demo-dep==1.1") and block.requires_python == "==3.10.2"


def test_a_package_of_an_address_beside_conda_is_refused_since_no_list_can_have_it(
    cli: Cli, notebook: Path, index: LocalIndex
) -> None:
    before = notebook.read_bytes()
    text = "dependencies: [gdal, {pip: ['thing @ git+https://git.example/thing@v1']}]\n"
    (notebook.parent / "environment.yml").write_text(text)
    said = cli("import", notebook, "environment.yml")
    assert "error[needs-conda]" in said.err and "thing" in said.err
    assert notebook.read_bytes() == before


def test_a_package_of_an_index_that_nobody_configured_is_refused(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    text = "dependencies: [gdal, {pip: ['--index-url https://own.example/simple', demo]}]\n"
    (notebook.parent / "environment.yml").write_text(text)
    assert "error[index-not-configured]" in cli("import", notebook, "environment.yml").err


@pytest.mark.parametrize(
    ("spec", "limits"),
    [
        ("python", ""), ("python=3.11", "==3.11.*"), ("python=3", "==3.*"), ("python 3.11.*", "==3.11.*"),
        ("python==3.11.5", "==3.11.5"), ("python=3.11.5=h955ad1f_0_cpython", "==3.11.5"), ("python=3.10*", "==3.10.*"),
        ("python>=3.9,<3.13.0a0", "<3.13.0a0,>=3.9"), ("python >=3.8.*", ">=3.8"), ("python!=3.9.7", "!=3.9.7"),
        ("conda-forge::python=3.12", "==3.12.*"), ("python[version='>=3.9']", ">=3.9"), ("python=3.8|3.9", None),
        ("python >=3.9 *_cpython", None), ("python=*=*_pypy", None), ("python~=3.10", "~=3.10"),
    ],
)  # fmt: skip
def test_what_conda_says_about_python(spec: str, limits: str | None) -> None:
    assert in_pep440(spec) == limits


def test_a_python_that_only_conda_can_say_waits_for_conda(tmp_path: Path) -> None:
    found = read(tmp_path, "channels: [conda-forge]\ndependencies: ['python=3.8|3.9', pip]\n")
    assert found.conda and found.requires_python is None


def test_channels_are_names(tmp_path: Path) -> None:
    assert channel_of("https://conda.anaconda.org/conda-forge/linux-64", "x") == "conda-forge"
    assert channel_of("https://conda.anaconda.org/t/secret/mine/", "x") == "mine"
    assert channel_of("https://repo.anaconda.com/pkgs/main", "x") == "pkgs/main"
    assert channel_of("https://prefix.dev/conda-forge", "x") == "conda-forge"
    for text in ("https://me:secret@own.example/t/secret/x", "file:///srv/channel", "./channel", "https://[x/y"):
        with pytest.raises(InputError, match="has no name") as caught:
            channel_of(text, "environment.yml:3")
        assert caught.value.code == "conda-channel" and "secret" not in caught.value.sentence


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not an environment file"),
        ("a: 1\n", "is not an environment file"),
        ("dependencies: 7\n", "`dependencies` is not a list"),
        ("dependencies: [[a]]\n", "neither a name nor a part"),
        ("dependencies: [{pip: 7}]\n", "`pip` is not a list"),
        ("dependencies: [{pip: [{a: b}]}]\n", "an item of `pip` is not text"),
        ("dependencies:\n- {npm: [left-pad]}\n", ":2: the part 'npm' of the list is not known"),
        ("dependencies:\n- a\n- 'x;id'\n", ":3: 'x;id' is nothing that"),
        ("channels: [{a: b}]\ndependencies: []\n", "an item of `channels` is not text"),
        ("dependencies: &a [*a]\n", "contains itself"),
        ("dependencies: [a]\ndependencies: [b]\n", ":2: the key 'dependencies' is here for the second time"),
        ("<<<<<<< HEAD\ndependencies: []\n=======\n", ":2: this is not YAML"),
        ("dependencies:\n\t- a\n", ":2: this is not YAML"),
        ("a: !!python/object/apply:os.system [id]\n", "has no meaning here"),
        ("a: \x00\n", "null byte"),
        ("dependencies: " + "[" * 5000, "nested too deeply"),
        ("a: &a [x,x,x,x,x,x,x,x,x,x]\n"
         + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(9)),
         "too many values"),
        ("- x\n" * 60_000, "too many lines"),
    ],
)  # fmt: skip
def test_what_is_no_environment_file_is_refused_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert says in caught.value.sentence and "environment.yml" in caught.value.sentence


def test_a_version_stays_as_it_is_written(tmp_path: Path) -> None:
    found = read(tmp_path, "dependencies:\n- 3.10\n- python=3.10\n- numpy\n")
    assert found.conda and found.conda.dependencies == ("3.10", "python=3.10", "numpy")
