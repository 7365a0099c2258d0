"""papermill's engine: the notebook object itself says where it runs."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("papermill")
import papermill
from papermill.exceptions import PapermillException, PapermillExecutionError

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.notebook import NotebookFile

from .local_index import LocalIndex
from .typed import typed

pytestmark = pytest.mark.filterwarnings("default")


def made(path: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
    cells[0].metadata.tags = ["parameters"]
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)))
    return path


def installed(path: Path, environments: Environments, *words: str) -> None:
    file = NotebookFile.read(path)
    file.write_block(environments.install(file.block, typed(*words)).block)


def text_of(path: Path) -> str:
    cells = json.loads(path.read_text())["cells"]
    return "".join("".join(o.get("text", [])) for cell in cells for o in cell.get("outputs", []))


def test_it_runs_in_the_notebooks_environment_with_parameters(
    tmp_path: Path, environments: Environments, index: LocalIndex, capfd: pytest.CaptureFixture[str]
) -> None:
    notebook = made(
        tmp_path / "a.ipynb",
        "x = 1",
        "import demo, os; print(demo.__version__, x, os.environ.get('JUPYTER_ENVS_NOTEBOOK'))",
    )
    installed(notebook, environments, "demo<2")
    papermill.execute_notebook(
        str(notebook), str(tmp_path / "out.ipynb"), parameters={"x": 7}, engine_name="jupyter-envs", progress_bar=False
    )
    assert text_of(tmp_path / "out.ipynb") == "1.0 7 None\n"
    assert "without encryption" not in capfd.readouterr().err
    block = NotebookFile.read(tmp_path / "out.ipynb").block
    assert block
    assert block.outputs
    assert "JUPYTER_ENVS_NOTEBOOK" not in os.environ


def test_the_result_records_what_cells_have_installed(
    tmp_path: Path, environments: Environments, index: LocalIndex
) -> None:
    notebook = made(tmp_path / "a.ipynb", "x = 1", "%pip install -q shout", "import shout")
    installed(notebook, environments, "demo<2")
    out = tmp_path / "out.ipynb"
    papermill.execute_notebook(str(notebook), str(out), engine_name="jupyter-envs", progress_bar=False)
    block = NotebookFile.read(out).block
    assert block and block.dependencies == ("demo<2", "shout") and block.lock and block.outputs
    assert block.outputs.lock == block.lock.digest and text_of(out) == ""
    assert not [*(environments.here.settings.home / "pending").glob("*.json")]


def test_a_failing_cell_fails_as_papermill_users_know_it(
    tmp_path: Path, environments: Environments, index: LocalIndex
) -> None:
    notebook = made(tmp_path / "a.ipynb", "x = 1", "1/0")
    with pytest.raises(PapermillExecutionError, match="ZeroDivisionError"):
        papermill.execute_notebook(
            str(notebook), str(tmp_path / "o.ipynb"), engine_name="jupyter-envs", progress_bar=False
        )


def test_without_consent_nothing_is_built(
    tmp_path: Path, environments: Environments, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = made(tmp_path / "a.ipynb", "x = 1")
    installed(notebook, environments, "demo<2")
    monkeypatch.setenv("JUPYTER_ENVS_HOME", str(tmp_path / "strange"))
    with pytest.raises(PapermillException, match=r"consent-needed.*JUPYTER_ENVS_CONSENT=sha256:[0-9a-f]{64}$"):
        papermill.execute_notebook(
            str(notebook), str(tmp_path / "o.ipynb"), engine_name="jupyter-envs", progress_bar=False
        )
