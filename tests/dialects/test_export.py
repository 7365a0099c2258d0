"""`export`: what a notebook has, in formats of other tools; what a format cannot say is told item by item."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from jupyter_envs.dialects.table import WRITERS, module_of, writer_of
from jupyter_envs.kernel import listing
from jupyter_envs.model.block import Block, parse_block
from jupyter_envs.notebook import NotebookFile
from tests.local_index import LocalIndex
from tests.test_cli import Cli, Said, block_in, cli, made, notebook, process, signals
from tests.wheels import wheel

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["cli", "notebook", "signals"]
LOCK = "--no-build-env"
SHA = "ab" * 32


def export(cli: Cli, notebook: Path, form: str, *words: str | Path) -> Said:
    said = cli("export", notebook, "--format", form, *words)
    assert said.code == 0, said.err
    return said


def with_block(notebook: Path, **keys: object) -> Block:
    """A notebook that has this environment, and a lock that fits to it."""
    block = parse_block({"version": 1, **keys})
    if block.lock:
        block = msgspec.structs.replace(block, lock=msgspec.structs.replace(block.lock, spec=block.spec.digest))
    NotebookFile.read(notebook).write_block(block)
    return block


def lock_of(*packages: Mapping[str, object]) -> dict[str, object]:
    own = {"lock-version": "1.0", "created-by": "x", "spec": "sha256:" + "0" * 64, "requires-python": "==3.11.*"}
    return {**own, "packages": [*packages]}


DEMO = {"name": "demo", "version": "2.0", "wheels": {"demo-2.0-py3-none-any.whl": {"sha256": SHA}}}
GIT = {"type": "git", "url": "https://git.example/r.git", "commit-id": "c" * 40}


def test_without_a_format_it_says_which_there_are(cli: Cli, notebook: Path) -> None:
    said = cli("export", notebook)
    assert said.code == 0 and all(form in said.out for form in WRITERS)
    assert cli("export", notebook, "--json").json == {"formats": [*WRITERS]}


def test_a_list_and_its_lock_are_what_the_notebook_has(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    cli("install", notebook, "demo>1", "shout ; sys_platform != 'win32'", LOCK)
    block = block_in(notebook)
    assert export(cli, notebook, "requirements.in").out.splitlines() == [*block.dependencies]
    text = "\n".join(listing.requirements(block.to_dict(), None)) + "\n"
    assert export(cli, notebook, "requirements.txt").out == text, "as %env-export prints it"
    lines = export(cli, notebook, "constraints.txt").out.splitlines()
    assert "demo==2.0" in lines and "demo-dep==1.1" in lines and not any("--hash" in line for line in lines)


def test_a_file_that_is_there_stays_unless_it_is_to_be_replaced(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    cli("install", notebook, "demo", LOCK)
    mine = notebook.parent / "requirements.in"
    mine.write_text("mine\n")
    said = cli("export", notebook, "--format", "requirements.in", "-o", "requirements.in")
    assert said.code != 0 and "error[file-exists]" in said.err and mine.read_text() == "mine\n"
    said = export(cli, notebook, "requirements.in", "--output", mine, "--force")
    assert mine.read_text() == "demo\n" and "Wrote requirements.in" in said.out
    assert "error[no-output]" in cli("export", notebook, "--format", "requirements.in", "-o", "no/x.in").err


def test_what_a_format_cannot_say_is_told_item_by_item(
    cli: Cli, notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_INDEX", "corp=https://user:secret@corp.example/simple")
    folder = {"name": "mine", "version": "1.5", "directory": {"id": "a" * 16}}
    with_block(
        notebook, **{"requires-python": ">=3.11", "dependencies": ["demo", "mine"], "indexes": {"corp": ["demo"]}},
        **{"exclude-newer": "2026-01-01", "overrides": ["numpy<2"], "no-deps": ["demo"]},
        lock=lock_of({**DEMO, "index": "corp"}, folder),
    )  # fmt: skip
    said = export(cli, notebook, "requirements.txt")
    assert "secret" not in said.out + said.err
    for told in ("asked for: demo, mine", "Python >=3.11", "for Python 3.11", "2026-01-01", "numpy<2", "mine 1.5 is left out",
                 "demo comes from your index corp (https://corp.example/simple)", "demo is installed without"):  # fmt: skip
        assert told in said.err
    assert export(cli, notebook, "requirements.txt", "-q").out == said.out
    notes = export(cli, notebook, "requirements.in", "--json").json["notes"]
    assert any("no lock" in note for note in notes) and any("mine 1.5 is left out" in note for note in notes)
    assert not any("asked for" in note for note in notes)


def test_a_package_from_an_address_keeps_it(cli: Cli, notebook: Path) -> None:
    archive = {"type": "archive", "url": "https://h.example/a-1.zip", "sha256": SHA}
    rows = (
        {"name": "a", "version": "1", "vcs": archive},
        {"name": "b", "version": "1", "vcs": {**GIT, "requested-revision": "main", "subdirectory": "py"}},
        {"name": "c", "version": "1", "vcs": GIT},
    )
    with_block(notebook, dependencies=["a[x]", "b ; os_name == 'posix'", "c"], lock=lock_of(*rows))
    assert export(cli, notebook, "requirements.in").out.splitlines() == [
        f"a[x] @ https://h.example/a-1.zip#sha256={SHA}",
        'b @ git+https://git.example/r.git@main#subdirectory=py ; os_name == "posix"',
        f"c @ git+https://git.example/r.git@{'c' * 40}",
    ]


@pytest.mark.parametrize("form", ["requirements.txt", "constraints.txt", "pylock.toml"])
def test_no_old_lock_is_given_away(cli: Cli, notebook: Path, form: str) -> None:
    block = with_block(notebook, dependencies=["demo"], lock=lock_of(DEMO))
    NotebookFile.read(notebook).write_block(msgspec.structs.replace(block, dependencies=("demo", "other")))
    assert "error[lock-outdated]" in cli("export", notebook, "--format", form).err
    NotebookFile.read(notebook).write_block(msgspec.structs.replace(block, lock=None))
    assert "error[not-locked]" in cli("export", notebook, "--format", form).err


def test_there_may_be_nothing_to_write(cli: Cli, notebook: Path) -> None:
    assert "error[nothing-to-export]" in cli("export", notebook, "--format", "requirements.in").err
    assert "error[unknown-format]" in cli("export", notebook, "--format", "requirements.doc").err


@pytest.mark.parametrize("form", WRITERS)
def test_what_was_written_is_read_back_as_the_same_lock(cli: Cli, notebook: Path, index: LocalIndex, form: str) -> None:
    cli("install", notebook, "demo<2", "shout ; sys_platform != 'win32'", LOCK)
    first = block_in(notebook)
    file = writer_of(form).FILE
    if not (file and module_of(Path(file))):
        pytest.skip("a part of a file, which is not read by its name")
    export(cli, notebook, form, "-o", file)
    other = made(notebook.parent / "other.ipynb", "1")
    said = cli("import", other, file, "--accept", LOCK)
    assert said.code == 0, said.err
    second = block_in(other)
    assert first.lock and second.lock and second.lock.packages == first.lock.packages
    assert json.loads(other.read_text())["cells"] == NotebookFile.read(other).content["cells"]


@pytest.mark.parametrize("as_json", [True, False], ids=["JSON", "HTML"])
def test_a_pylock_names_where_each_file_is(
    cli: Cli, notebook: Path, index: LocalIndex, monkeypatch: pytest.MonkeyPatch, as_json: bool
) -> None:
    cli("install", notebook, "demo<2", LOCK)
    monkeypatch.setattr(index, "json", as_json)
    said = export(cli, notebook, "pylock.toml")
    row = next(row for row in tomllib.loads(said.out)["packages"] if row["name"] == "demo")
    assert row["wheels"][0]["url"] == f"{index.url.removesuffix('/simple')}/files/demo-1.0-py3-none-any.whl"
    assert f"on 127.0.0.1:{index.port}" in said.err and "secret" not in said.out


def test_a_pylock_needs_the_index_and_says_so(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    cli("install", notebook, "demo<2", LOCK)
    assert "error[offline]" in cli("export", notebook, "--format", "pylock.toml", "--offline").err
    index.remove("demo", "1.0")
    said = cli("export", notebook, "--format", "pylock.toml")
    assert "error[no-address]" in said.err and "--format requirements.txt" in said.err
    index.faults["/simple/demo"] = "500"
    assert "error[index-refused]" in cli("export", notebook, "--format", "pylock.toml").err


def test_a_pylock_keeps_which_index_a_package_comes_from(
    cli: Cli, notebook: Path, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LocalIndex([wheel("demo", "9.0")], credentials=("user", "geheim")) as corp:
        monkeypatch.setenv("UV_INDEX", f"corp={corp.private_url}")
        cli("install", notebook, "demo", "--index-url", corp.url, LOCK)
        said = export(cli, notebook, "pylock.toml", "-o", "pylock.toml")
        assert "geheim" not in said.err + (notebook.parent / "pylock.toml").read_text()
        assert f"address of your index corp: {corp.url}" in said.err
        other = made(notebook.parent / "other.ipynb", "1")
        assert cli("import", other, "pylock.toml", "--accept", LOCK).code == 0
        assert block_in(other).indexes == {"corp": ("demo",)}


def test_a_kernel_gets_the_text_and_the_notes_in_its_journal(notebook: Path) -> None:
    block = with_block(notebook, dependencies=["demo"], lock=lock_of(DEMO))
    words = ("export", "--block", "-", "--journal", "-", "--base-dir", notebook.parent, "--format", "requirements.in")
    last = process(*words, stdin=json.dumps(block.to_dict())).journal[-1]
    assert last["event"] == "done" and last["result"]["text"] == "demo\n"
    said = process(*words, "-o", "x.in", stdin=json.dumps(block.to_dict())).journal[-1]
    assert (
        said["result"]["output"] == str(notebook.parent / "x.in") and (notebook.parent / "x.in").read_text() == "demo\n"
    )


def test_the_name_of_a_file_tells_its_format(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    cli("install", notebook, "demo<2", LOCK)
    assert cli("export", notebook, "-o", "requirements.in").code == 0
    assert (notebook.parent / "requirements.in").read_text() == "demo<2\n"
    said = cli("export", notebook, "-o", "mine.doc")
    assert said.code == 2 and "--format" in said.err and not (notebook.parent / "mine.doc").exists()
    assert export(cli, notebook, "requirements.in", "-o", "-").out == "demo<2\n"
