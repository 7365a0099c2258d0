"""Projects and their locks, taken into a notebook for real: versions are kept, hashes compared, and nothing of their
folder runs before a yes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from uv import find_uv_bin

from tests.local_index import LocalIndex
from tests.test_cli import Cli, block_in, cli, notebook, signals
from tests.wheels import Dist, wheel

from .test_import import LOCK, beside, locked

__all__ = ["cli", "notebook", "signals"]
POETRY = """\
[tool.poetry]
package-mode = false
[tool.poetry.dependencies]
python = "^3.9"
demo = ">=1"
"""


def poetry_lock(*dists: Dist, sha256: str = "") -> str:
    rows = [
        f'[[package]]\nname = "{dist.name}"\nversion = "{dist.version}"\noptional = false\ngroups = ["main"]\n'
        f'files = [{{file = "{dist.filename}", hash = "sha256:{sha256 or dist.sha256}"}}]\n'
        for dist in dists
    ]
    return "\n".join(rows) + '\n[metadata]\nlock-version = "2.1"\npython-versions = "^3.9"\n'


def test_a_poetry_lock_keeps_its_versions_and_its_list(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    old, needed = wheel("demo", "3.0", requires=["demo-dep"]), wheel("demo-dep", "1.1")
    index.add(old, wheel("demo", "4.0", requires=["demo-dep"]))
    beside(notebook, "pyproject.toml", POETRY)
    file = beside(notebook, "poetry.lock", poetry_lock(old, needed))
    said = cli("import", notebook, file, LOCK, "--accept", "--json")
    assert said.code == 0, said.err
    assert block_in(notebook).dependencies == ("demo>=1",) and block_in(notebook).requires_python == "<4.0,>=3.9"
    assert {"demo": "3.0", "demo-dep": "1.1"}.items() <= locked(notebook).items()


def test_a_poetry_lock_with_another_hash_is_refused(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    before = notebook.read_bytes()
    file = beside(notebook, "poetry.lock", poetry_lock(wheel("demo", "1.0"), sha256="0" * 64))
    assert "error[requirements-hash]" in cli("import", notebook, file, LOCK, "--accept").err
    assert notebook.read_bytes() == before


def test_a_version_that_cannot_be_kept_is_told(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    old = wheel("demo", "7.0", requires=["demo-dep>=1.1"])
    index.add(old)
    file = beside(notebook, "poetry.lock", poetry_lock(old, wheel("demo-dep", "1.0")))
    beside(notebook, "pyproject.toml", POETRY)
    said = cli("import", notebook, file, LOCK, "--accept", "--json")
    assert said.code == 0, said.err
    assert locked(notebook)["demo-dep"] == "1.1", locked(notebook)
    assert "These versions could not be kept: demo-dep 1.0 → 1.1." in said.json["notes"]


def test_a_uv_lock_that_uv_writes_now(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    project = (
        "[project]\nname = 'study'\nversion = '1'\nrequires-python = '>=3.9'\ndependencies = ['demo']\n"
        "[dependency-groups]\nloud = ['shout']\n"
    )
    beside(notebook, "pyproject.toml", project)
    environment = {"PATH": os.environ["PATH"], "HOME": str(notebook.parent), "UV_PYTHON_DOWNLOADS": "never"}
    subprocess.run(
        [find_uv_bin(), "lock", "-q", "--default-index", index.url, "--no-cache"], cwd=notebook.parent, env=environment,
        check=True, capture_output=True,
    )  # fmt: skip
    index.add(wheel("demo", "9.0"))
    said = cli("import", notebook, notebook.parent / "uv.lock", LOCK, "--accept", "--group", "loud", "--json")
    assert said.code == 0, said.err
    assert set(block_in(notebook).dependencies) == {"demo", "shout"}
    assert locked(notebook)["demo"] == "2.0"


def test_a_pipfile_lock_keeps_its_versions(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    old = wheel("demo", "1.0")
    text = '{"_meta": {"sources": [{"name": "pypi", "url": "https://pypi.org/simple"}]}, "default": {"demo": '
    text += f'{{"hashes": ["sha256:{old.sha256}"], "index": "pypi", "version": "==1.0"}}}}}}'
    said = cli("import", notebook, beside(notebook, "Pipfile.lock", text), "--accept", "--json")
    assert said.code == 0, said.err
    assert block_in(notebook).dependencies == ("demo==1.0",)


def test_a_package_of_a_private_index_never_comes_from_another(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    before = notebook.read_bytes()
    source = "[[tool.poetry.source]]\nname = 'mine'\nurl = 'https://mine.example/simple'\npriority = 'explicit'\n"
    project = beside(notebook, "pyproject.toml", POETRY.replace('">=1"', '{version = "*", source = "mine"}') + source)
    said = cli("import", notebook, project, LOCK, "--accept")
    assert "error[index-not-configured]" in said.err and "mine.example" in said.err
    assert notebook.read_bytes() == before and not index.asked_for("demo")


BACKEND = """\
import pathlib, zipfile
pathlib.Path(RAN).touch()
def build_wheel(folder, settings=None, metadata=None):
    with zipfile.ZipFile(pathlib.Path(folder, "lib-1.0-py3-none-any.whl"), "w") as wheel:
        wheel.writestr("lib.py", "")
        wheel.writestr("lib-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: lib\\nVersion: 1.0\\n")
        wheel.writestr("lib-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("lib-1.0.dist-info/RECORD", "lib.py,,\\nlib-1.0.dist-info/METADATA,,\\nlib-1.0.dist-info/WHEEL,,\\nlib-1.0.dist-info/RECORD,,\\n")
    return "lib-1.0-py3-none-any.whl"
"""


@pytest.mark.parametrize("words", [(), ("--accept",), ("--accept", "--allow-build", "lib")])
@pytest.mark.parametrize("name", ["pyproject.toml", "requirements.in"])
def test_nothing_of_a_folder_runs_before_a_yes_to_it(
    cli: Cli, notebook: Path, index: LocalIndex, words: tuple[str, ...], name: str
) -> None:
    folder, ran = notebook.parent / "lib", notebook.parent / "ran"
    folder.mkdir()
    (folder / "backend.py").write_text(BACKEND.replace("RAN", repr(str(ran))))
    build = "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
    (folder / "pyproject.toml").write_text(f"{build}[project]\nname = 'lib'\ndynamic = ['version', 'dependencies']\n")
    text = "[project]\nname = 'x'\nversion = '1'\ndependencies = ['lib']\n[tool.uv.sources]\nlib = {path = 'lib'}\n"
    said = cli(
        "import", notebook, beside(notebook, name, text if name == "pyproject.toml" else "./lib\n"), LOCK, *words
    )
    if "--allow-build" in words:
        assert said.code == 0 and ran.exists(), said.err
    else:
        assert "error[needs-build]" in said.err and not ran.exists(), said.err
