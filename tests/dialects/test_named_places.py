"""Places that a file names: that no index may be asked is kept or refused, and no password is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envs.dialects.found import Found
from jupyter_envs.dialects.table import dialect_of
from jupyter_envs.environments.importing import plan_import
from jupyter_envs.errors import InputError
from jupyter_envs.machine.indexes import Indexes

NEVER = {
    "requirements.txt": "--no-index\n--find-links wheels\ndemo==1.0\n",
    "environment.yml": "dependencies:\n  - python\n  - pip:\n    - --no-index\n    - demo\n",
    "pyproject.toml": "[project]\nname = 'x'\nversion = '1'\ndependencies = ['demo']\n[tool.uv]\nno-index = true\n",
    "job.py": "# /// script\n# dependencies = ['demo']\n# [tool.uv]\n# no-index = true\n# ///\n",
}


def read(folder: Path, name: str, text: str) -> Found:
    file = folder / name
    file.write_text(text)
    return dialect_of(file).read(file, ())


@pytest.mark.parametrize("name", NEVER)
def test_where_no_index_may_be_asked_none_is(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, name, NEVER[name])
    with pytest.raises(InputError, match="no-index says that no index may be asked") as caught:
        plan_import(None, [found], Indexes(()))
    assert caught.value.code == "index-not-configured" and name in caught.value.sentence and caught.value.hint
    assert plan_import(None, [found], Indexes((), no_index=True)).asked
    assert not any("no-index" in note for note in found.notes), "it is not left out"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", "--find-links https://u:PASSW@h.example/all\ndemo\n"),
        ("environment.yml", "dependencies: [python, {pip: ['--find-links https://u:PASSW@h.example/all', demo]}]\n"),
    ],
)
def test_a_place_that_is_left_out_is_named_without_its_password(tmp_path: Path, name: str, text: str) -> None:
    (note,) = (note for note in read(tmp_path, name, text).notes if "--find-links" in note)
    assert "h.example/all is left out" in note and "PASSW" not in note
