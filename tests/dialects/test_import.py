"""`import`: a list or a lock of another tool becomes the notebook's own, and whoever takes it is asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_envs.dialects import pylock
from jupyter_envs.dialects.found import Found, Pin
from jupyter_envs.environments.importing import plan_import
from jupyter_envs.environments.naming import Named
from jupyter_envs.machine.indexes import Indexes
from jupyter_envs.model.options import Options
from jupyter_envs.model.requirement import checked_requirement
from jupyter_envs.notebook import NotebookFile
from tests.local_index import LocalIndex
from tests.test_cli import Cli, block_in, cli, notebook, signals
from tests.wheels import wheel

__all__ = ["cli", "notebook", "signals"]
LOCK = "--no-build-env"


def locked(notebook: Path) -> dict[str, str]:
    lock = block_in(notebook).lock
    return {package.name: package.version for package in lock.packages} if lock else {}


def beside(notebook: Path, name: str, text: str) -> Path:
    file = notebook.parent / name
    file.write_text(text)
    return file


def test_a_list_becomes_the_notebooks_after_a_question(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    file = beside(notebook, "requirements.in", "demo<2\n")
    before = notebook.read_bytes()
    said = cli("import", notebook, file, LOCK)
    assert said.code == 3 and "demo 1.0" in said.err
    assert notebook.read_bytes() == before
    assert cli("import", notebook, file, LOCK, "--accept").code == 0
    assert block_in(notebook).dependencies == ("demo<2",) and locked(notebook)["demo"] == "1.0"
    assert block_in(notebook).history[-1].did == "import requirements.in"


def test_a_lock_keeps_its_versions_and_its_list_is_what_nothing_needs(
    cli: Cli, notebook: Path, index: LocalIndex
) -> None:
    index.add(wheel("demo", "3.0", requires=["demo-dep"]))
    file = beside(notebook, "requirements.txt", "demo==2.0\ndemo-dep==1.1\nshout==1.0\n")
    said = cli("import", notebook, file, "--accept", "--json")
    assert said.code == 0, said.err
    assert block_in(notebook).dependencies == ("demo==2.0", "shout==1.0"), "demo-dep came with demo"
    assert {**locked(notebook), "demo": "2.0", "demo-dep": "1.1"} == locked(notebook)
    assert block_in(notebook).locked


def test_what_only_an_extra_needs_stays_asked_for(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    index.add(wheel("plain", "1.0", requires=["demo-dep; extra == 'more'"]))
    file = beside(notebook, "requirements.txt", "plain==1.0\ndemo-dep==1.1\n")
    assert cli("import", notebook, file, "--accept").code == 0
    assert block_in(notebook).dependencies == ("plain==1.0", "demo-dep==1.1")


def test_a_list_and_its_lock_together(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    index.add(wheel("demo", "3.0", requires=["demo-dep"]))
    beside(notebook, "requirements.in", "demo>=1\n")
    beside(notebook, "requirements.txt", "demo==1.0\ndemo-dep==1.1\n")
    said = cli("import", notebook, notebook.parent / "requirements.in", notebook.parent / "requirements.txt", LOCK,
               "--accept")  # fmt: skip
    assert said.code == 0, said.err
    assert block_in(notebook).dependencies == ("demo>=1",) and locked(notebook)["demo"] == "1.0"


def test_a_file_with_another_hash_than_the_locks_is_refused(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    before = notebook.read_bytes()
    file = beside(notebook, "requirements.txt", f"demo==2.0 --hash=sha256:{'0' * 64}\n")
    assert "error[requirements-hash]" in cli("import", notebook, file, LOCK, "--accept").err
    assert notebook.read_bytes() == before


def test_without_a_file_it_says_what_is_there_and_takes_nothing(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    before = notebook.read_bytes()
    assert "Nothing in or beside" in cli("import", notebook).out
    beside(notebook, "requirements.in", "demo<2\nshout\n")
    beside(notebook, "notes.txt", "to do: demo\n")
    said = cli("import", notebook)
    assert "requirements.in: 2 packages" in said.out and "notes.txt" not in said.out
    assert cli("import", notebook, "--json").json["found"] == [
        {"file": "requirements.in", "dialect": "requirements.txt", "packages": 2}
    ]
    assert notebook.read_bytes() == before and index.hits == []


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("notes.rst", "demo", "unknown-format"),
        ("pylock.toml", "[[", "foreign-file"),
        ("pylock.toml", "lock-version = '9.0'\ncreated-by = 'x'\npackages = []\n", "foreign-file"),
        ("pylock.toml", "lock-version = '1.0'\ncreated-by = 'x'\npackages = 7\n", "foreign-file"),
        ("pylock.toml", "lock-version = '1.0'\ncreated-by = 'x'\npackages = []\n", "nothing-found"),
        ("requirements.txt", "--index-url https://unknown.example/simple\ndemo\n", "index-not-configured"),
        ("requirements.txt", "", "nothing-found"),
    ],
)
def test_what_cannot_be_taken_is_refused(
    cli: Cli, notebook: Path, index: LocalIndex, name: str, text: str, code: str
) -> None:
    before = notebook.read_bytes()
    said = cli("import", notebook, beside(notebook, name, text), "--accept", "--json")
    assert said.json["error"]["code"] == code
    assert notebook.read_bytes() == before


def test_a_pylock_keeps_its_versions(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    ours = wheel("demo", "1.0")
    text = (
        "lock-version = '1.0'\ncreated-by = 'x'\nrequires-python = '>=3.9'\n[[packages]]\nname = 'demo'\nversion = '1.0'\n"
        f"[[packages.wheels]]\nname = '{ours.filename}'\nurl = 'https://h.example/{ours.filename}'\n"
        f"hashes = {{sha256 = '{ours.sha256}'}}\n"
    )
    file = beside(notebook, "pylock.toml", text)
    said = cli("import", notebook, file, "--accept", "--json")
    assert said.code == 0, said.err
    assert block_in(notebook).dependencies == ("demo==1.0",) and block_in(notebook).requires_python == ">=3.9"
    assert any("does not tell which packages were asked for" in note for note in said.json["notes"])
    assert json.loads(notebook.read_text())["cells"] == NotebookFile.read(notebook).content["cells"]


def test_an_address_in_a_lock_does_not_mean_that_only_it_was_asked_for(tmp_path: Path) -> None:
    text = (
        "lock-version = '1.0'\ncreated-by = 'x'\n[[packages]]\nname = 'demo'\nversion = '1.0'\n"
        f"[[packages.wheels]]\nname = 'demo-1.0-py3-none-any.whl'\nurl = 'https://h.example/demo-1.0-py3-none-any.whl'\n"
        f"hashes = {{sha256 = '{'0' * 64}'}}\n[[packages]]\nname = 'far'\nversion = '1.0'\n[packages.archive]\nurl = 'https://h.example/far-1.0.tar.gz'\n"
        f"hashes = {{sha256 = '{'0' * 64}'}}\n"
    )
    file = tmp_path / "pylock.toml"
    file.write_text(text)
    wanted = plan_import(None, [pylock.read(file)], Indexes(()))
    assert sorted(item.name for item in wanted.asked) == ["demo", "far"] and wanted.rootless


def test_hashes_count_for_their_version_and_overrides_are_kept() -> None:
    one, other, bare = frozenset("a"), frozenset("b"), frozenset[str]()
    pins = (
        Pin("x", "1", hashes=one),
        Pin("x", "2", hashes=other),
        Pin("y", "1", hashes=one),
        Pin("y", "2", hashes=bare),
    )
    found = Found("x", "x.lock", pins=pins, overrides=(checked_requirement("z<2", ""),))
    wanted = plan_import(None, [found], Indexes(()))
    assert wanted.plan(Named(wanted.asked, Options())).hashes == {"x==1": one, "x==2": other, "y==1": one}
    assert wanted.spec.overrides == ("z<2",)


PYLOCK = "lock-version = '1.0'\ncreated-by = 'x'\n"


def pylock_row(name: str, more: str = "", *, marker: str = "") -> str:
    made = wheel(name, "1.0")
    condition = f'marker = "{marker}"\n' if marker else ""
    return (
        f"[[packages]]\nname = '{name}'\nversion = '1.0'\n{condition}{more}[[packages.wheels]]\n"
        f"url = 'https://h.example/{made.filename}'\nhashes = {{sha256 = '{made.sha256}'}}\n"
    )


def test_groups_and_extras_of_a_pylock_are_not_taken_unasked(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    text = (
        f"{PYLOCK}extras = ['more']\ndependency-groups = ['dev', 'base']\ndefault-groups = ['base']\n"
        + pylock_row("demo", marker="'base' in dependency_groups")
        + pylock_row("withdrawn", marker="'dev' in dependency_groups")
        + pylock_row("demo-dep", marker="os_name != 'none' and 'more' in extras")
    )
    file = beside(notebook, "pylock.toml", text)
    said = cli("import", notebook, file, "--accept", "--json", LOCK)
    assert block_in(notebook).dependencies == ("demo==1.0",), said.err
    assert any("also has dev, more" in note for note in said.json["notes"])
    assert cli("import", notebook, file, "--group", "dev", "--group", "more", "--accept", LOCK).code == 0
    assert locked(notebook)["withdrawn"] == "1.0" and locked(notebook)["demo-dep"] == "1.0"


def test_pypi_in_a_pylock_is_the_index_that_everybody_has(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    row = pylock_row("demo", "index = 'https://pypi.org/simple'\n")
    assert cli("import", notebook, beside(notebook, "pylock.toml", PYLOCK + row), "--accept", LOCK).code == 0
    other = pylock_row("demo", "index = 'https://other.example/simple'\n")
    said = cli("import", notebook, beside(notebook, "pylock.toml", PYLOCK + other), "--accept", LOCK)
    assert "error[index-not-configured]" in said.err


def test_what_a_pylock_has_from_elsewhere_never_comes_from_the_index(
    cli: Cli, notebook: Path, index: LocalIndex
) -> None:
    def vcs(kind: str, place: str) -> Path:
        row = (
            f"[[packages]]\nname = 'demo'\nversion = '1.0'\n[packages.vcs]\ntype = '{kind}'\n{place}\ncommit-id = 'c'\n"
        )
        return beside(notebook, "pylock.toml", PYLOCK + pylock_row("withdrawn") + row)

    assert "error[foreign-file]" in cli("import", notebook, vcs("hg", "url = 'https://h.example/r'"), "--accept").err
    said = cli("import", notebook, vcs("git", "path = '../r'"), "--accept", LOCK)
    assert said.code == 0 and "demo is left out: it is '../r' on another machine" in said.err + said.out
    assert "demo" not in locked(notebook)
