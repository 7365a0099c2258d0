"""A project of the user's own, installed editable: it lies in the one environment, and its sources stay where they
are."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envs.environments.use_cases import Environments

from ..typed import typed
from ..wheels import folder_project
from .sameness import different
from .sides import Side, ours, plain
from .test_bytecode import writable


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    for path, text in folder_project("own", requires=["demo<2"]).items():
        (folder / path).write_text(text)
    return folder


def test_an_editable_project_beside_linked_packages(project: Path, environments: Environments, tmp_path: Path) -> None:
    change = environments.install(None, typed(editable=(str(project),)))
    assert change.environment
    folded, other = ours(change.environment), plain(environments, change.block, tmp_path / "plain")
    assert different(folded, other) == []
    assert folded.probe("metadata") == other.probe("metadata")
    assert version(folded) == version(other) == f"1.0 {project / 'own.py'} 1.0"
    (project / "own.py").write_text("__version__ = 'edited'\n")
    assert version(folded).startswith("edited")
    assert [
        path for path in writable(folded.prefix) if Path(path).stat().st_nlink == 1 or Path(path).is_dir()
    ] == []  # the rest is uv's
    assert environments.here.store.health(change.environment.id) is None


def version(side: Side) -> str:
    return side.printed("import own, demo; print(own.__version__, own.__file__, demo.__version__)")
