"""A notebook without an environment is offered what is in it and beside it, in one quiet line."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from jupyter_envs.dialects.offers import MOST_FILES, files_beside, offers
from jupyter_envs.dialects.table import dialect_of
from jupyter_envs.errors import InputError
from jupyter_envs.kernel.offered import lines
from tests.local_index import LocalIndex
from tests.test_cli import ENTRY, Cli, cli, notebook, signals

from .notebooks import HASH, LOCK, SCRIPT, UV_LOCK, content

__all__ = ["cli", "notebook", "signals"]
JUV = content(SCRIPT, **{"uv.lock": UV_LOCK.replace("HASH", HASH)})
LINE = "juv: 2 packages, locked. To use it: jupyter envs import a.ipynb --from juv"


def test_status_offers_it_and_no_other_verb_takes_it(cli: Cli, notebook: Path) -> None:
    assert "To use it" not in cli("status", notebook).out
    notebook.write_text(json.dumps(JUV))
    before = notebook.read_bytes()
    assert cli("status", notebook).out.splitlines()[-1] == LINE
    (notebook.parent / "requirements.txt").write_text("demo\n")
    assert cli("status", notebook).out.splitlines()[-1] == f"{LINE}  (1 other: jupyter envs import a.ipynb)"
    rows = cli("status", notebook, "--json").json["offered"]
    assert [(row["name"], row["packages"], row["locked"]) for row in rows] == [
        ("juv", 2, True),
        ("requirements.txt", 1, False),
    ]
    assert notebook.read_bytes() == before


def test_a_notebook_with_an_environment_is_offered_nothing(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    notebook.write_text(json.dumps(JUV))
    assert cli("install", notebook, "demo", LOCK).code == 0
    assert "To use it" not in cli("status", notebook).out
    assert "offered" not in cli("status", notebook, "--json").json


def test_the_look_is_small(tmp_path: Path) -> None:
    (tmp_path / "requirements-large.txt").write_text("#" * (1 << 20) + "\n")
    for number in range(MOST_FILES + 5):
        (tmp_path / f"requirements-{number:02}.txt").write_text("demo\n")
    found = files_beside(tmp_path)
    assert len(found) == MOST_FILES and tmp_path / "requirements-large.txt" not in found
    assert files_beside(tmp_path / "nowhere") == ()


def test_a_kernel_says_it_in_env_status(notebook: Path) -> None:
    notebook.write_text(json.dumps(JUV))
    assert lines([sys.executable, str(ENTRY)], str(notebook), os.environ) == [LINE]
    assert lines([sys.executable, "-c", "print(7)"], str(notebook), os.environ) == []
    assert lines([], str(notebook), os.environ) == [] == lines(["no-such-program"], str(notebook), os.environ)


def test_a_look_hashes_no_file_that_a_listednames(tmp_path: Path) -> None:
    listed = tmp_path / "requirements.txt"
    listed.write_text(f"./a-1-py3-none-any.whl --hash=sha256:{'0' * 64}\n")
    named = tmp_path / "a-1-py3-none-any.whl"
    named.write_bytes(b"other")
    assert [offer.name for offer in offers({}, tmp_path)] == ["requirements.txt"], "its hash is wrong, and not computed"
    with pytest.raises(InputError, match="does not have the given hash"):
        dialect_of(listed).read(listed, ())
    os.truncate(named, 3 << 30)
    started = time.perf_counter()
    with pytest.raises(InputError, match="is larger than 2 GB"):
        dialect_of(listed).read(listed, ())
    assert time.perf_counter() - started < 1
