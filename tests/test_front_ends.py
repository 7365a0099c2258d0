"""What belongs to JupyterLab and was installed in a notebook: said, with what to do. And a `.env`: offered, never read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jupyter_envs.environments import front_ends
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.kernel.dotenv import dotenv_beside

from .kernel.real import write_notebook
from .local_index import LocalIndex
from .test_cli import Cli, cli  # noqa: F401  # a fixture
from .typed import typed
from .wheels import wheel

LAB = {
    "data/share/jupyter/labextensions/{}/package.json": "{}",
    "data/share/jupyter/labextensions/{}/install.json": "{}",
}
SERVER = {"data/etc/jupyter/jupyter_server_config.d/{}.json": "{}"}


def extending(part: str, files: dict[str, str]) -> dict[str, str]:
    return {path.format(part): text for path, text in files.items()}


@pytest.mark.parametrize(
    ("name", "part", "files"),
    [
        ("lab-one", "lab-one", LAB),
        ("lab-two", "@scope/two", LAB),
        ("lab-three", "lab_three", SERVER),
        ("lab-four", "four", {**LAB, **SERVER}),
    ],
    ids=["labextension", "scoped", "server", "both"],
)
def test_a_package_that_extends_jupyterlab_is_said_to_belong_there(
    environments: Environments, index: LocalIndex, name: str, part: str, files: dict[str, str]
) -> None:
    data = extending(part, files) | {"data/share/other.txt": ""}
    index.add(wheel(name, data=data), wheel(f"brings-{name}", requires=[name]))
    change = environments.install(None, typed(f"brings-{name}"))
    (note,) = change.notes
    assert note.startswith(f"{name} extends JupyterLab, which works only where JupyterLab is installed,")
    assert "install" in note and sys.executable in note and note.endswith(f"{name}, then restart Jupyter.")
    again = environments.install(change.block, typed("demo"))
    assert again.notes == (), "said once"


def test_several_are_named_in_one_sentence_and_those_that_jupyterlab_has_in_none(
    environments: Environments, index: LocalIndex, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        index.add(wheel(name, data=extending(name, LAB)))
    change = environments.install(None, typed("one", "two"))
    assert change.notes[0].startswith("one, two extend JupyterLab,")
    assert change.environment
    (tmp_path / "share/jupyter/labextensions/one").mkdir(parents=True)
    assert front_ends.lab_notes(change.environment, change.changed, tmp_path)[0].startswith("two extends JupyterLab,")
    (tmp_path / "share/jupyter/labextensions/two").mkdir()
    assert front_ends.lab_notes(change.environment, change.changed, tmp_path) == []


def test_all_other_data_of_a_package_are_nobodys_business(environments: Environments, index: LocalIndex) -> None:
    index.add(wheel("plain", data={"data/share/jupyter/kernels/x/kernel.json": "{}", "data/etc/plain.conf": ""}))
    assert environments.install(None, typed("plain", "demo")).notes == ()


def test_a_dotenv_beside_a_notebook_is_offered_and_not_read(tmp_path: Path, cli: Cli) -> None:
    notebook = write_notebook(tmp_path / "a.ipynb")
    assert ".env" not in cli("status", notebook).out and dotenv_beside(str(notebook)) == "" == dotenv_beside(None)
    (tmp_path / ".env").write_bytes(b"\xff SECRET=1")
    said = cli("status", notebook)
    assert "a file .env beside the notebook, and it is not read" in said.out and "SECRET" not in said.out
    assert "%pip install python-dotenv" in dotenv_beside(notebook)
