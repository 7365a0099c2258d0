"""Which notebook used which environment: cheap to note, and never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_envs.store import uses
from jupyter_envs.store.uses import Uses

ONE, OTHER = "a" * 26, "b" * 26
NOW = 1_795_251_600.0


def test_what_was_remembered_is_known(tmp_path: Path) -> None:
    uses.remember(tmp_path, ONE, Path("/work/a.ipynb"), NOW)
    uses.remember(tmp_path, ONE, "/work/b.ipynb", NOW + 100)
    uses.remember(tmp_path, ONE, None, NOW + 200)
    assert uses.of(tmp_path, ONE) == Uses({"/work/a.ipynb": NOW, "/work/b.ipynb": NOW + 100}, NOW + 200)
    assert uses.of(tmp_path, OTHER) == Uses()
    assert uses.ids_with_uses(tmp_path) == [ONE]


def test_a_use_is_now_unless_it_is_said_when(tmp_path: Path) -> None:
    uses.remember(tmp_path, ONE)
    assert abs(uses.of(tmp_path, ONE).last - (tmp_path / "uses" / f"{ONE}.json").stat().st_mtime) < 5


def test_an_older_use_does_not_hide_a_newer_one(tmp_path: Path) -> None:
    uses.remember(tmp_path, ONE, "/a.ipynb", NOW)
    uses.remember(tmp_path, ONE, "/a.ipynb", NOW - 5000)
    assert uses.of(tmp_path, ONE) == Uses({"/a.ipynb": NOW}, NOW)


def test_a_notebook_that_starts_again_and_again_is_written_once(tmp_path: Path) -> None:
    uses.remember(tmp_path, ONE, "/a.ipynb", NOW)
    file = tmp_path / "uses" / f"{ONE}.json"
    before = file.stat().st_ino
    uses.remember(tmp_path, ONE, "/a.ipynb", NOW + uses.SAME_USE - 1)
    assert file.stat().st_ino == before
    uses.remember(tmp_path, ONE, "/a.ipynb", NOW + uses.SAME_USE + 1)
    assert uses.of(tmp_path, ONE).last == NOW + uses.SAME_USE + 1


def test_of_many_notebooks_the_latest_are_known(tmp_path: Path) -> None:
    for number in range(uses.MOST_NOTEBOOKS + 5):
        uses.remember(tmp_path, ONE, f"/{number}.ipynb", NOW + number)
    names = uses.of(tmp_path, ONE).notebooks
    assert len(names) == uses.MOST_NOTEBOOKS
    assert "/4.ipynb" not in names and f"/{uses.MOST_NOTEBOOKS + 4}.ipynb" in names


@pytest.mark.parametrize("text", ["", "[]", "{", '{"last": "x"}', '{"notebooks": {"/a": null}}', "\xff", "[" * 100_000])
def test_a_damaged_file_is_a_use_that_nobody_knows_of(tmp_path: Path, text: str) -> None:
    (tmp_path / "uses").mkdir()
    (tmp_path / "uses" / f"{ONE}.json").write_text(text, encoding="latin-1")
    assert uses.of(tmp_path, ONE) == Uses()
    uses.remember(tmp_path, ONE, "/a.ipynb", NOW)
    assert uses.of(tmp_path, ONE).notebooks == {"/a.ipynb": NOW}


def test_where_nothing_can_be_written_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "uses").write_text("in the way")
    uses.remember(tmp_path, ONE, "/a.ipynb", NOW)
    assert uses.of(tmp_path, ONE) == Uses()
    assert uses.ids_with_uses(tmp_path) == []


@pytest.mark.parametrize("name", ["../../etc", "a" * 25, "", f"{ONE}\n", "/" * 26])
def test_an_id_that_is_none_reaches_no_disk(tmp_path: Path, name: str) -> None:
    uses.remember(tmp_path, name, "/a.ipynb", NOW)
    assert uses.of(tmp_path, name) == Uses()
    assert list(tmp_path.iterdir()) == []


def test_kernels_that_start_at_once_are_all_remembered(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from jupyter_envs.store import uses; sys.stdin.read(1)\n"
    code += "for n in range(5): uses.remember(Path(sys.argv[1]), sys.argv[2], f'/{sys.argv[3]}-{n}.ipynb', 1e9 + n)"
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), ONE, str(n)], stdin=subprocess.PIPE)
        for n in range(4)
    ]
    for process in started:
        assert process.stdin
        os.write(process.stdin.fileno(), b"x")
    for process in started:
        process.communicate()
    assert [process.returncode for process in started] == [0] * 4
    assert len(uses.of(tmp_path, ONE).notebooks) == 20
    assert [path.name for path in (tmp_path / "uses").iterdir()] == [f"{ONE}.json"]
