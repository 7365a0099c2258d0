"""The lines of a notebook that install something, read before any of them runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_envs.dialects.found import Found
from jupyter_envs.dialects.in_notebook import look
from jupyter_envs.dialects.system_commands import system_commands
from jupyter_envs.notebook import NotebookFile
from tests.local_index import LocalIndex
from tests.test_cli import Cli, cli, notebook, signals

from .notebooks import content, lines, one, texts

__all__ = ["cli", "notebook", "signals"]


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("!pip install demo", ["demo"]),
        ("%pip install -q demo==1.0 shout", ["demo==1.0", "shout"]),
        ("!pip install demo>=1 -U", ["demo>=1"]),
        ("!{sys.executable} -m pip install demo", ["demo"]),
        ("!python3 -m pip install --user demo", ["demo"]),
        ("!uv pip install --system demo", ["demo"]),
        ("!uv add demo", ["demo"]),
        ("!conda install -y -c conda-forge numpy=1.26", ["numpy==1.26.*"]),
        ("!pip install -q demo > /dev/null 2>&1 && pip install shout | tail -1", ["demo", "shout"]),
        ("if True:\n    !pip install demo  # the old one", ["demo"]),
        ("!pip install demo \\\n   shout", ["demo", "shout"]),
        ("%%bash\npip install demo\n# pip install six", ["demo"]),
        ("%%capture\n!pip install demo", ["demo"]),
        ("!pip install demo\n!pip install shout six\n!pip uninstall -y six", ["demo", "shout"]),
        ("!pip install demo==1.0\n!pip install demo==2.0", ["demo==2.0"]),
        ('!pip install "demo[more]>=1; python_version > \'3\'"', ['demo[more]>=1 ; python_version > "3"']),
        ("!sudo pip install demo", ["demo"]),
        ("out = !pip install demo", ["demo"]),
        ("!$sys.executable -m pip install demo", ["demo"]),
        ("!python -mpip install demo", ["demo"]),
        ("!/opt/conda/bin/python3.11 -m pip install demo", ["demo"]),
        ("!(cd x && pip install demo)", ["demo"]),
        ("%sx pip install demo", ["demo"]),
        ("!!pip install demo", ["demo"]),
        ("%time !pip install demo", ["demo"]),
        ("!PIP_ROOT_USER_ACTION=ignore pip install demo", ["demo"]),
        ("%%bash\nif true; then pip install demo; fi", ["demo"]),
        ("%%bash -e\npip install demo", ["demo"]),
        ("%%bash --no-raise-error\npip install demo", ["demo"]),
        ("%%script --no-raise-error bash\npip install demo", ["demo"]),
        ("%%capture\n%%bash\npip install demo", ["demo"]),
        ("!bash -c 'pip install demo'", ["demo"]),
        ("%%sh\ncat > r.txt <<END\npip install six\nEND\npip install demo", ["demo"]),
        ("%%sh\necho $((1 << n))\npip install demo", ["demo"]),
        ('# say """ here\n!pip install demo', ["demo"]),
        ("x = '\"\"\"'\n!pip install demo", ["demo"]),
        ("x = \"it's '''\"\n!pip install demo", ["demo"]),
        ("import pip\npip.main(['install', 'demo'])", ["demo"]),
        ("from pip._internal import main as pipmain\npipmain(['install', 'demo'])", ["demo"]),
        ('import os\nif True:\n    os.system("pip install demo")', ["demo"]),
        ("get_ipython().system('pip install demo')", ["demo"]),
        ("get_ipython().run_line_magic('pip', 'install demo')", ["demo"]),
        ("subprocess.check_call(\n    [sys.executable, '-m', 'pip', 'install',\n     'demo>=1']\n)", ["demo>=1"]),
        ("!pip install shout\nos.system('pip install demo')", ["shout", "demo"]),
    ],
)  # fmt: skip
def test_lines_that_install(cell: str, wanted: list[str]) -> None:
    assert texts(lines(cell)) == wanted


@pytest.mark.parametrize(
    "cell",
    ["x = '''\n!pip install demo\n'''", "# !pip install demo", "print('!pip install demo')", "%%html\n!pip install demo",
     "!pip list", "!ls", "%timeit x", "%%writefile a.sh\n!pip install demo",
     "%%sh\ncat > r.txt <<'END'\npip install six\nEND", "%%script false\npip install six", "os.system('ls')",
     'x = 1  # """\ny = """\n!pip install demo\n"""', "!echo pip install six", "x = f(a) % b"],
)  # fmt: skip
def test_lines_that_install_nothing(cell: str) -> None:
    assert list(look(content(cell), None)) == []


@pytest.mark.parametrize(
    ("cell", "note"),
    [
        ("!apt-get -y install libgl1", "apt-get installs libgl1 on the machine"),
        ("!pip install $X", "variables are not expanded"),
        ("!pip install --target lib demo", "names another place"),
        ("!pip install -r requirements.txt", "only the notebook itself is known"),
        ("!pip install ./wheels/demo-1.0-py3-none-any.whl", "it is a path"),
        ("!pip install --no-index --find-links=/kaggle/input/w demo", "demo comes from the index instead"),
        ("!pip install --find-links https://u:secret@h.example/w demo", "--find-links=https://****@h.example/w is left"),
        ("!pip install ${X} https://u:secret@h.example/a.whl", "this line is left out: "),
        ("!conda install -c https://own.example/t/secret/x bwa", "this line is left out: `conda install -c https://own"),
        ("!conda install 'bwa; rm'", "is nothing that a notebook can ask conda for"),
        ("!timeout 9 pip install six", "this line is left out: `timeout 9 pip install six`"),
        ('os.system(f"pip install {name}")', "this line is left out: "),
        ("subprocess.run(['pip', 'install', name])", "this line is left out: "),
        ("print 1; os.system('pip install ' + name)", "this line is left out: "),
        ("!pip install --no-deps demo", "--no-deps is left out"),
        ("!conda create -n other demo", ""),
    ],
)  # fmt: skip
def test_what_a_line_says_and_a_notebook_cannot_is_named(cell: str, note: str) -> None:
    said = list(look(content("import six", cell), None))
    if not note:
        assert said == []
        return
    ((_, found),) = said
    assert isinstance(found, Found)
    assert any(text.startswith("cell 2, line 1: ") and note in text for text in found.notes), found.notes
    assert "secret" not in str(found)


def test_an_index_of_a_line_counts_for_its_packages() -> None:
    found = lines("!pip install demo\n!pip install torch --index-url https://download.example/whl/cu118")
    assert (
        found.taken_from == {"torch": "cell 1, line 2"} and found.indexes[0].url == "https://download.example/whl/cu118"
    )


def test_a_list_beside_the_notebook_is_followed_and_none_outside(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "r.txt").write_text("demo<2\n")
    (tmp_path / "up.txt").write_text("six\n")
    ((_, found),) = look(content("!pip install -r r.txt shout\n!pip install -r ../up.txt"), folder)
    assert isinstance(found, Found) and texts(found) == ["shout", "demo<2"]
    assert "cell 1, line 2: the file ../up.txt is left out: there is no such file beside the notebook." in found.notes


def test_what_only_conda_has_is_no_package_of_the_index() -> None:
    found = lines("!conda install -y -c https://conda.anaconda.org/t/tk-1/bioconda bwa", "!pip install demo")
    assert texts(found) == ["demo"]
    assert found.conda and (found.conda.channels, found.conda.dependencies) == (("bioconda",), ("bwa",))


def test_colab_and_kaggle_tell_what_their_machines_had() -> None:
    colab = {"provenance": [{"timestamp": 1700000000000}], "gpuType": "T4"}
    name, found = one(content("!pip install demo", "from google.colab import drive", colab=colab, accelerator="GPU"))
    assert (name, found.dialect, texts(found)) == ("cells", "Colab", ["demo"])
    for part in ("accelerator: GPU", "google.colab is only on Colab", "2023-11-14", "several hundred packages"):
        assert any(part in note for note in found.notes), part
    kaggle = {"accelerator": "nvidiaTeslaT4", "dockerImageVersionId": 30558}
    _, found = one(content("pd.read_csv('/kaggle/input/x.csv')", kaggle=kaggle))
    assert any("image 30558" in note for note in found.notes) and any("/kaggle/input/" in note for note in found.notes)


@pytest.mark.parametrize(
    "cell",
    ["!apt-get install -y libgl1", "!sudo rm x", "!ls && apt install x", "%%bash\napt-get update", "!conda create -n x six",
     "!conda install -n other six", "!conda env update -f environment.yml",
     "!DEBIAN_FRONTEND=noninteractive apt-get install -y x", "x = !apt-get update", "!/usr/bin/apt-get update", "!(apt-get update)",
     "%sx sudo ls", "%system apt-get update", "%%bash -e\nsudo ls", "%%bash\nif true; then apt-get update; fi", "!!sudo ls",
     "if True:\n    !apt-get update", "# say \"\"\" here\n!apt-get update", "get_ipython().system('apt-get update')",
     "%%capture\n%%bash\nsudo ls", "import os\nos.system('sudo ls')", "import subprocess\nsubprocess.run(['apt-get', 'update'])",
     "!sudo -E DEBIAN_FRONTEND=noninteractive apt-get install x", "!bash -c 'apt-get update'", "print 1\nos.system('sudo ls')"],
)  # fmt: skip
def test_lines_that_change_the_machine(cell: str) -> None:
    last = len(cell.splitlines())
    assert [line.where for line in system_commands(content("1", cell))] == [f"cell 2, line {last}"]


@pytest.mark.parametrize(
    "cell",
    ["!pip install apt", "!sudo pip install demo", "!conda install six", "!conda list -n other", "x = '!apt-get install x'",
     "!ls apt", "%conda install six", "!uv pip install six"],
)  # fmt: skip
def test_lines_that_do_not_change_the_machine(cell: str) -> None:
    assert list(system_commands(content(cell))) == []


def test_a_notebook_that_changes_the_machine_runs_after_a_yes_alone(
    cli: Cli, notebook: Path, index: LocalIndex
) -> None:
    notebook.write_text(json.dumps(content("!sudo no-such-command-here", "!apt-get update")))
    before = notebook.read_bytes()
    said = cli("run", notebook)
    assert (
        "error[system-commands]" in said.err and "cell 1, line 1: !sudo no-such-command-here (and 1 more)" in said.err
    )
    assert notebook.read_bytes() == before and index.hits == []
    notebook.write_text(json.dumps(content("print('!apt-get update')", "1 + 1")))
    assert cli("run", notebook).code == 0


def test_a_notebook_that_its_user_trusts_is_not_asked_about(
    cli: Cli, notebook: Path, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jupyter_envs.cli import run

    notebook.write_text(json.dumps(content("!sudo --version")))
    monkeypatch.setattr(run, "trusted", lambda text: True)
    run.refuse_system_commands(NotebookFile.read(notebook), str(notebook))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import marimo\n\napp = marimo.App()\n", "a marimo notebook"),
        ("# Databricks notebook source\n", "a Databricks notebook in its source form"),
        ("# /// script\n# dependencies = []\n# ///\n", "a script that lists its packages itself"),
    ],
)
def test_a_script_in_place_of_the_notebook_is_called_what_it_is(cli: Cli, notebook: Path, text: str, name: str) -> None:
    script = notebook.with_name("app.py")
    script.write_text(text)
    said = cli("status", script)
    assert name in said.err and "jupyter envs import NOTEBOOK app.py" in said.err
