"""Another environment than the notebook's, named in a real kernel: things go there, and only there."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_envs.environments.use_cases import Environments

from .real import ProvisionedKernel, write_notebook

FAKE = '#!/bin/sh\necho "$(basename "$0") ${VIRTUAL_ENV-nothing} $*"\n'
"""A tool of its own, which says what it was asked and which environment is active for it."""
TOOLS = ("conda", "poetry", "pipenv")


class Place:
    def __init__(self, folder: Path, kernel: ProvisionedKernel) -> None:
        self.folder, self.kernel = folder, kernel

    def has(self, package: str, place: str) -> bool:
        return any((self.folder / place).rglob(f"{package}.py"))

    def run(self, cell: str, *, fails: bool = False) -> str:
        done = self.kernel.run(cell)
        self.kernel.run("")
        assert fails or done.reply["status"] == "ok", done
        return done.text

    @property
    def recorded(self) -> list[str]:
        return list((self.kernel.context["block"] or {}).get("dependencies") or [])


@pytest.fixture
def place(base: Environments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    folder, tools = tmp_path / "nb", tmp_path / "tools"
    tools.mkdir()
    for name in TOOLS:
        (tools / name).write_text(FAKE)
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(tools), os.environ["PATH"]]))
    monkeypatch.setenv("NO_COLOR", "1")
    kernel = ProvisionedKernel(write_notebook(folder / "a.ipynb"), folder)
    yield Place(folder, kernel)
    kernel.stop()


@pytest.mark.skipif(not shutil.which("uv") and not (Path(sys.executable).parent / "uv").exists(), reason="uses uv")
def test_each_line_goes_where_it_says_and_the_notebook_records_nothing(place: Place) -> None:
    place.run("!uv venv -q other")
    for number, line in enumerate([
        "!uv pip install --python other/bin/python shout",
        "!uv pip install -p other shout",
        "!pip --python other install shout",
        "%pip install --python=other -q --disable-pip-version-check shout",
        "%%bash\n. other/bin/activate\npip install shout",
        "!. other/bin/activate && uv pip install shout",
        "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'pip', '--python', 'other', 'install', 'shout'])",
        "get_ipython().system('pip --python other install shout > /dev/null')",
    ]):  # fmt: skip
        said = place.run(line)
        assert place.has("shout", "other"), (line, said)
        assert (
            number in (3, 5, 6) or line.startswith("get_") or "names another environment than this notebook's" in said
        ), said
        place.run("!uv pip uninstall -q -p other shout")
        assert not place.has("shout", "other") and place.recorded == [], line
    (place.folder / "other" / "bin" / "pip").write_text("#!/bin/sh\necho installed\n")
    (place.folder / "other" / "bin" / "pip").chmod(0o755)
    said = place.run("!other/bin/pip install shout")
    assert "installed" in said and "other/bin/pip is not this notebook's Python" in said
    for number, line in enumerate([
        "!pip install --target lib{} shout", "%pip install -t lib{} shout", "!pip install shout --target=lib{} | cat",
        "!uv pip install --target lib{} shout", "%%bash\npip install -qt lib{} shout",
        "import sys\n!{{sys.executable}} -m pip install -t lib{} shout",
    ]):  # fmt: skip
        said = place.run(line.format(number))
        assert (place.folder / f"lib{number}" / "shout.py").exists(), (line, said)
        assert place.recorded == [], line
    assert place.run("import importlib.util as u; print(u.find_spec('shout'))") == "None\n\n\n"


def test_what_names_the_notebooks_own_python_is_recorded(place: Place) -> None:
    said = place.run("import sys\n!uv pip install --python {sys.executable} shout")
    assert "+ shout 1.0" in said and place.recorded == ["shout"]
    place.run("%%bash\npip --python $(which python) install demo")
    assert place.recorded == ["shout", "demo"]
    place.run("!conda install -y --prefix {sys.prefix} six | cat")
    assert place.run("import shout; shout.main()").startswith("HELLO")


def test_environments_of_ours_are_never_the_other_one(place: Place) -> None:
    place.run("%pip install -q demo")
    folder = place.kernel.context["environment"]["prefix"]
    base = place.run("%env-undo\nimport sys; print(sys.prefix)").split()[-1]
    assert base != folder
    for line in (f"!uv pip install --python {folder} shout", f"!pip install --target {folder}/lib shout",
                 f"%%bash\npip --python {folder} install shout"):  # fmt: skip
        assert "is an environment of jupyter-envs, and these never change." in place.run(line, fails=True)
        assert not place.has("shout", folder)


def test_tools_for_projects_and_conda_do_not_see_the_notebooks_environment(place: Place) -> None:
    for line, said in {
        "!poetry add six": "poetry nothing add six",
        "%%bash\npipenv install six": "pipenv nothing install six",
        "!conda env list": "conda nothing env list",
        "!conda install -y -n other six": "conda nothing install -y -n other six",
        "%conda install -p ./x six": "conda nothing install -p ./x six",
        "%%bash\nconda install -n base six": "conda nothing install -n base six",
        "%%bash\nconda install -y bwa": "bwa was asked for from conda",
        "import subprocess\nprint(subprocess.getoutput('conda install -y -c bioconda bwa'))": "bwa was asked for from conda",
        "!conda install -y ffmpeg | cat": "ffmpeg was asked for from conda",
    }.items():  # fmt: skip
        assert said in place.run(line, fails=True).replace("\r", ""), line
        assert place.recorded == []


@pytest.mark.skipif(not shutil.which("bash"), reason="uses bash")
def test_source_activate_never_makes_the_servers_environment_active(
    base: Environments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where JupyterLab was started from an environment that somebody had activated."""
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "activate").write_text('echo "active: $1"\n')
    monkeypatch.setenv("SHELL", shutil.which("bash") or "")
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    kernel = ProvisionedKernel(write_notebook(tmp_path / "nb" / "a.ipynb"), tmp_path / "nb")
    place = Place(tmp_path / "nb", kernel)
    try:
        for line in ("!source activate base && echo active", "%pip install -q demo", "!. activate && echo active"):
            said = place.run(line)
            assert ("Nothing was activated" in said) == line.startswith("!") and "active\n" not in said, said
        place.run("%%bash\nsource activate base\npip install -q shout")
        assert place.recorded == ["demo", "shout"]
    finally:
        kernel.stop()
    monkeypatch.setenv("PATH", os.pathsep.join([str(theirs), os.environ["PATH"]]))
    kernel = ProvisionedKernel(tmp_path / "nb" / "a.ipynb", tmp_path / "nb")
    try:
        said = kernel.run("!source activate mine").text
        assert "active: mine" in said and "makes another environment active than this notebook's" in said
    finally:
        kernel.stop()
