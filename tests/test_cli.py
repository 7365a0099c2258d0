"""The command line as people and programs use it: words, outputs, exit codes."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

import jupyter_envs
from jupyter_envs.cli.main import main
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.kernel.pending import leave_pending, pending_file
from jupyter_envs.model.block import Block, parse_block
from jupyter_envs.notebook import NotebookFile
from jupyter_envs.settings import Settings

from .local_index import LocalIndex

ENTRY = Path(jupyter_envs.__file__).with_name("__main__.py")


@dataclass
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def journal(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Cli:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str | Path) -> Said:
        self._capsys.readouterr()
        code = main([str(word) for word in words])
        out, err = self._capsys.readouterr()
        return Said(code, out, err)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    return Cli(capsys)


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return made(folder / "a.ipynb", "import demo; print(demo.__version__)")


def made(path: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)) + "\n")
    return path


def block_in(path: Path) -> Block:
    block = NotebookFile.read(path).block
    assert block
    return block


def process(*words: str | Path, stdin: str = "", cwd: Path | None = None, env: dict[str, str] | None = None) -> Said:
    done = subprocess.run(
        [sys.executable, ENTRY, *words],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=os.environ | (env or {}),
    )
    return Said(done.returncode, done.stdout, done.stderr)


# -- words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), ""),
        (("instal", "a.ipynb"), "Did you mean install?"),
        (("status",), "Which notebook?"),
        (("status", "a.ipynb", "b"), "Unexpected argument: 'b'"),
        (("install", "a.ipynb"), "No package to install was named"),
        (("install", "a.ipynb", "six", "--target=/x"), "The option --target is not available here: it names another place"),
        (("install", "a.ipynb", "six", "-t", "x"), "The option -t is not available here: it names another place"),
        (("install", "a.ipynb", "six", "--no-such"), "does not have the option --no-such"),
        (("install", "a.ipynb", "six", "-qX"), "does not have the option -X"),
        (("uninstall", "a.ipynb"), "No package to remove was named"),
        (("install", "six"), "'six' is not a notebook"),
        (("install", "a.ipynb", "-r"), "expected one argument"),
        (("install", "a.ipynb", "six", "--index-url", "https://user:secret@other.example/simple"), "https://other.example/simple is not an index of your configuration"),
        (("status", "a.ipynb", "--notebook", "b.ipynb"), "need `--block -`"),
        (("status", "a.ipynb", "--base-dir", "."), "need `--block -`"),
        (("python", "3.12"), "'3.12' is not a notebook"),
        (("python", "a.ipynb"), "Which Python?"),
        (("run", "a.ipynb", "--output", "no/such/folder/b.ipynb"), "there is no folder"),
        (("run", "a.ipynb", "--output", "/dev/null"), "it is not a regular file"),
        (("run", "a.ipynb", "--output", "."), "it is a folder"),
        (("run", "a.ipynb", "--timeout", "0"), "more than 0"),
        (("run", "a.ipynb", "--timeout", "-3"), "--timeout"),
        (("run", "a.ipynb", "--timeout", "soon"), "more than 0"),
        (("kernelspec", "paint"), "`kernelspec` is not used like this"),
        (("kernelspec", "remove", "python3"), "not made a kernel called 'python3'"),
        (("lock", "a.ipynb", "b.ipynb"), "Unexpected argument"),
    ],
)  # fmt: skip
def test_words_that_make_no_sense_are_refused_in_a_sentence(
    cli: Cli, notebook: Path, index: LocalIndex, words: tuple[str, ...], says: str
) -> None:
    before = notebook.read_bytes()
    said = cli(*words)
    assert said.code == 2
    assert says in said.err
    assert "secret" not in said.err
    assert "Traceback" not in said.err
    assert notebook.read_bytes() == before


def test_help_and_version(cli: Cli) -> None:
    assert "install" in cli("--help").out
    assert "\n\noptions:\n" in cli("status", "--help").out
    assert jupyter_envs.__version__ in cli("--version").out


def test_errors_have_a_code_a_sentence_and_a_hint_and_programs_get_them_as_json(cli: Cli, notebook: Path) -> None:
    notebook.write_text("{\n<<<<<<< HEAD\n}")
    said = cli("status", notebook, "--json")
    assert said.code == 1
    assert said.err.startswith("error[merge-conflict]: An unfinished merge: conflict markers begin on line 2.\nhint: ")
    assert said.json["error"]["data"] == {"line": 2}


def test_a_notebook_in_another_language_is_left_alone(cli: Cli, notebook: Path) -> None:
    text = notebook.read_text().replace(
        '"metadata": {},\n "nbformat"', '"metadata": {"kernelspec": {"name": "ir", "language": "R"}},\n "nbformat"'
    )
    notebook.write_text(text)
    assert "in r, not in Python" in cli("install", notebook, "demo").err
    assert notebook.read_text() == text


def test_a_block_that_breaks_the_schema_is_an_error_and_an_answer_for_programs(cli: Cli, notebook: Path) -> None:
    value = json.loads(notebook.read_text())
    value["metadata"]["jupyter_envs"] = {"version": 1, "dependencies": ["--index-url=x"]}
    notebook.write_text(json.dumps(value))
    assert "metadata.jupyter_envs.dependencies[0]" in cli("status", notebook).err
    said = cli("status", notebook, "--json")
    assert (said.code, said.json["state"], said.json["error"]["code"]) == (1, "invalid", "req-option-or-path")


# -- changing ------------------------------------------------------------------------------------------------


def test_install_records_locks_builds_and_the_second_time_does_nothing(
    cli: Cli, notebook: Path, index: LocalIndex
) -> None:
    said = cli("install", notebook, "demo<2")
    assert (said.code, said.out.split("  ")[0].split(" (")[0]) == (0, "+ demo 1.0")
    assert block_in(notebook).dependencies == ("demo<2",)
    assert cli("status", notebook, "--json").json["state"] == "ready"
    before, hits = notebook.stat(), len(index.hits)
    again = cli("install", notebook, "demo", "--offline")
    assert again.code == 0
    assert "demo 1.0 is already installed" in again.out
    assert (notebook.stat().st_ino, notebook.stat().st_mtime_ns, len(index.hits)) == (
        before.st_ino,
        before.st_mtime_ns,
        hits,
    )


def test_upgrade_options_of_pip_move_what_is_there(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    cli("install", notebook, "demo", "demo-dep<1.1")
    quiet = cli("install", notebook, "-q", "demo-dep<2")
    assert quiet.out == "" and "demo-dep<1.1 no longer applies" in quiet.err and "Resolving" not in quiet.err
    said = cli("install", "-U", notebook, "demo-dep", "--json")
    assert said.json["changed"] == {"demo-dep": ["1.0", "1.1"]}
    assert said.json["satisfied"] is False
    assert cli("install", "-U", notebook, "demo-dep", "--json").json["changed"] == {}


def test_upgrade_options_of_pip_bring_what_is_new_and_say_so(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    cli("install", notebook, "demo<2")
    said = cli("install", "-U", notebook, "demo-dep")
    assert said.out.startswith("+ demo-dep 1.1")
    assert block_in(notebook).dependencies == ("demo<2", "demo-dep")


@pytest.mark.parametrize("words", [("install", "-U"), ("upgrade",)])
def test_what_is_asked_for_in_one_version_is_held_there_and_that_is_said(
    cli: Cli, notebook: Path, index: LocalIndex, words: tuple[str, ...]
) -> None:
    cli("install", notebook, "demo==1.0", "--no-build-env")
    assert cli(*words, notebook, "demo", "--no-build-env").out == "demo is pinned to ==1.0.\n"
    assert cli(*words, notebook, "demo", "--no-build-env", "--json").json["notes"] == ["demo is pinned to ==1.0."]


def test_paths_that_a_kernel_passes_on_start_in_its_folder(notebook: Path, index: LocalIndex, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "r.txt").write_text("demo<2\n")
    words = ["install", "--block", "-", "--journal", "-", "--notebook", str(notebook), "--no-build-env", "-r", "r.txt"]
    assert process(*words, stdin="null").journal[-1]["error"]["code"] == "requirements-file"
    said = process(*words, "--base-dir", str(tmp_path / "here"), stdin="null")
    assert said.journal[-1]["result"]["block"]["dependencies"] == ["demo<2"]


def test_remove_upgrade_undo_and_python(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    cli("install", notebook, "demo<2", "demo-dep<1.1", "--no-build-env")
    assert cli("remove", notebook, "demo-dep", "--no-build-env", "--json").json["block"]["dependencies"] == ["demo<2"]
    assert cli("remove", notebook, "pandas").err.startswith("error[not-declared]")
    assert cli("undo", notebook, "--no-build-env").code == 0
    assert block_in(notebook).dependencies == ("demo<2", "demo-dep<1.1")
    assert cli("upgrade", notebook, "demo", "--no-build-env", "--json").json["changed"] == {}
    assert cli("python", notebook, "3.1").err.startswith("error[no-python]")


def test_an_install_that_also_upgrades_is_one_change(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    cli("install", notebook, "demo<2", "demo-dep<1.1", "--no-build-env")
    before = block_in(notebook)
    said = cli("install", "-U", notebook, "demo>=1", "demo-dep<2", "shout", "--no-build-env", "--json")
    assert said.json["changed"] == {"demo": ["1.0", "2.0"], "demo-dep": ["1.0", "1.1"], "shout": [None, "1.0"]}
    assert len(said.json["block"]["history"]) == len(before.history) + 1
    assert cli("undo", notebook, "--no-build-env").code == 0
    after = block_in(notebook)
    assert (after.spec, after.history) == (before.spec, before.history)
    assert after.lock and before.lock and after.lock.digest == before.lock.digest


def test_requirement_files(cli: Cli, notebook: Path, index: LocalIndex, tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("demo-dep \\\n  <1.1\n")
    (tmp_path / "r.txt").write_text("# what we need\ndemo<2  # for now\n-r more.txt\n")
    assert cli("install", notebook, "-r", tmp_path / "r.txt", "--no-build-env").code == 0
    assert block_in(notebook).dependencies == ("demo<2", "demo-dep<1.1")


def test_an_index_of_the_users_can_be_named_by_its_address(
    cli: Cli, notebook: Path, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_INDEX", f"extra={index.url}")
    said = cli("install", notebook, "demo<2", "-i", index.url + "/", "--no-build-env", "--json")
    assert said.code == 0, said.err
    assert set(said.json["block"].get("indexes", {})) <= {"extra"}


def test_code_that_runs_while_building_needs_a_yes(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    said = cli("install", notebook, "only-source")
    assert said.code == 3
    assert "--allow-build only-source" in said.err
    assert cli("install", notebook, "only-source", "--allow-build", "only-source").code == 0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("\n", 3), ("", 3), ("nonsense\n", 3)])
def test_on_a_terminal_the_question_is_asked(
    notebook: Path, index: LocalIndex, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys, "stderr", screen)
    assert main(["install", str(notebook), "only-source", "--no-build-env"]) == code
    assert (
        "only-source has no wheel that fits: building only-source runs its code. Build it? [y/N]" in screen.getvalue()
    )


# -- for programs --------------------------------------------------------------------------------------------


def test_a_block_on_stdin_comes_back_changed_in_the_journal_and_no_file_is_written(
    notebook: Path, index: LocalIndex
) -> None:
    before = notebook.read_bytes()
    said = process("install", "--block", "-", "--journal", "-", "--notebook", notebook, "demo<2", stdin="null")
    assert said.code == 0
    assert said.journal[-1]["event"] == "done"
    result = said.journal[-1]["result"]
    assert set(result) == {"block", "changed", "environment", "notes", "satisfied", "seconds"}
    assert result["changed"]["demo"] == [None, "1.0"]
    assert {line["event"] for line in said.journal[:-1]} >= {"phase", "plan"}
    assert notebook.read_bytes() == before
    status = process("status", "--block", "-", "--json", stdin=json.dumps(result["block"]))
    assert status.json["state"] == "ready"
    base = process("build", "--block", "-", "--journal", "-", stdin="null")
    assert base.journal[-1]["result"]["block"] is None


@pytest.mark.parametrize(
    ("stdin", "words", "code"),
    [
        ("{", ["install", "six"], "not-json"),
        ('{"version": 9}', ["install", "six"], "meta-newer"),
        ("null", ["install", "--frozen"], "unknown-option"),
        ("null", ["install"], "req-empty"),
        ("null", ["lock", "--pending"], "usage"),
    ],
)
def test_a_journal_ends_with_the_error_whatever_it_is(stdin: str, words: list[str], code: str) -> None:
    said = process(*words, "--block", "-", "--journal", "-", stdin=stdin)
    assert said.code in (1, 2)
    assert said.journal[-1]["event"] == "failed"
    assert said.journal[-1]["error"]["code"] == code
    assert said.err == ""


@pytest.mark.parametrize("order", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_from_outside_ends_the_journal_and_publishes_nothing(
    index: LocalIndex, settings: Settings, order: signal.Signals
) -> None:
    index.faults["demo"] = "hang"
    with subprocess.Popen(
        [sys.executable, ENTRY, "install", "--block", "-", "--journal", "-", "demo"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as child:  # fmt: skip
        assert child.stdin
        assert child.stdout
        child.stdin.write("null")
        child.stdin.close()
        assert json.loads(child.stdout.readline())["event"] == "phase"
        time.sleep(0.3)
        child.send_signal(order)
        rest = child.stdout.read().splitlines()
        assert child.wait(20) == 130
        assert json.loads(rest[-1]) == {"event": "cancelled"}
        assert child.stderr
        assert child.stderr.read() == ""
    assert Environments(settings).list() == []


def test_modules_beside_the_notebook_and_of_our_package_get_in_nobodys_way(notebook: Path) -> None:
    for name in ("json", "random", "lock", "argparse", "jupyter_envs"):
        (notebook.parent / f"{name}.py").write_text("raise SystemExit('a neighbour ran')\n")
    said = process("status", "a.ipynb", cwd=notebook.parent)
    assert (said.code, said.err) == (0, "")
    module = subprocess.run(
        [sys.executable, "-m", "jupyter_envs", "--version"], capture_output=True, text=True, cwd=notebook.parent.parent
    )
    assert module.returncode == 0


def test_nobody_reading_is_no_error_to_talk_about(notebook: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([sys.executable, ENTRY, "status", notebook], stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert done.stderr == ""


# -- the other verbs -----------------------------------------------------------------------------------------


def test_list_python_and_kernelspec(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    assert "No environments yet." in cli("list").out
    cli("install", notebook, "demo<2")
    assert len(cli("list", "--json").json["environments"]) == 1
    pythons = cli("python", "--json").json["interpreters"]
    assert [python["default"] for python in pythons].count(True) == 1
    added = cli("kernelspec", "add", notebook, "--display-name", "Mine", "--json").json
    assert (added["name"], added["notebook"]) == ("jupyter-envs-a", str(notebook))
    assert "Mine" in cli("kernelspec", "list").out
    assert cli("kernelspec", "remove", "jupyter-envs-a").code == 0
    assert "No named kernels yet." in cli("kernelspec", "list").out


def test_a_waiting_change_is_recorded_once(cli: Cli, notebook: Path, settings: Settings) -> None:
    import hashlib

    block = {"version": 1, "dependencies": ["demo"]}
    name = hashlib.sha256(str(notebook).encode()).hexdigest()[:32]
    file = settings.home / "pending" / f"{name}.json"
    file.parent.mkdir(parents=True)
    waiting = {"notebook": str(notebook), "before": None, "block": block}
    assert cli("lock", notebook, "--pending").err.startswith("error[nothing-pending]")
    for damaged in ("{", json.dumps(waiting | {"block": None})):
        file.write_text(damaged)
        said = cli("lock", notebook, "--pending")
        assert said.err.startswith("error[pending-damaged]")
        assert "hint: Delete it" in said.err
    file.write_text(json.dumps(waiting))
    assert cli("lock", notebook, "--pending").code == 0
    assert block_in(notebook).to_dict() == block
    assert not file.exists()
    file.write_text(json.dumps(waiting | {"block": {"version": 1, "dependencies": ["other"]}}))
    assert cli("lock", notebook, "--pending").err.startswith("error[pending-outdated]")
    assert block_in(notebook).to_dict() == block


def leave(settings: Settings, notebook: Path, before: Mapping[str, Any] | None, *packages: str) -> Path:
    """A kernel of that notebook has installed these."""
    block = {"version": 1, **(before or {}), "dependencies": [*((before or {}).get("dependencies") or []), *packages]}
    leave_pending(str(settings.home), str(notebook), dict(before) if before else None, block)
    return Path(pending_file(str(settings.home), str(notebook)))


@pytest.mark.parametrize("to", ["b.ipynb", "sub/a.ipynb", "sub/b.ipynb"])
def test_a_waiting_change_finds_a_notebook_that_was_renamed_or_moved(
    cli: Cli, notebook: Path, settings: Settings, to: str
) -> None:
    NotebookFile.read(notebook).write_block(parse_block({"version": 1, "dependencies": ["demo"]}))
    file = leave(settings, notebook, block_in(notebook).to_dict(), "six")
    moved = notebook.parent / to
    moved.parent.mkdir(exist_ok=True)
    notebook.rename(moved)
    assert cli("lock", moved, "--pending").code == 0
    assert block_in(moved).to_dict()["dependencies"] == ["demo", "six"] and not file.exists()


def test_one_without_packages_is_known_by_its_folder_or_its_name(
    cli: Cli, notebook: Path, settings: Settings, tmp_path: Path
) -> None:
    leave(settings, notebook, None, "six")
    stranger = tmp_path / "elsewhere" / "c.ipynb"
    stranger.parent.mkdir()
    stranger.write_bytes(notebook.read_bytes())
    renamed = notebook.rename(notebook.with_name("b.ipynb"))
    assert cli("lock", stranger, "--pending").err.startswith("error[nothing-pending]")
    assert cli("lock", renamed, "--pending").code == 0
    assert block_in(renamed).to_dict()["dependencies"] == ["six"]


def test_a_copy_gets_it_too_and_it_waits_on_for_the_original(cli: Cli, notebook: Path, settings: Settings) -> None:
    """For one that is write-protected."""
    NotebookFile.read(notebook).write_block(parse_block({"version": 1, "dependencies": ["demo"]}))
    file = leave(settings, notebook, block_in(notebook).to_dict(), "six")
    copy = notebook.with_name("copy.ipynb")
    copy.write_bytes(notebook.read_bytes())
    assert cli("lock", copy, "--pending").code == 0
    assert block_in(copy).to_dict()["dependencies"] == ["demo", "six"]
    assert file.exists() and cli("lock", notebook, "--pending").code == 0 and not file.exists()


def test_where_several_fit_none_is_taken(cli: Cli, notebook: Path, settings: Settings) -> None:
    NotebookFile.read(notebook).write_block(parse_block({"version": 1, "dependencies": ["demo"]}))
    before = block_in(notebook).to_dict()
    files = [leave(settings, notebook.with_name(f"was-{name}.ipynb"), before, name) for name in ("six", "idna")]
    said = cli("lock", notebook, "--pending")
    assert said.err.startswith("error[pending-ambiguous]") and "was-six.ipynb" in said.err
    assert block_in(notebook).to_dict() == before and all(file.exists() for file in files)
    renamed = notebook.rename(notebook.with_name("was-six.ipynb"))
    assert cli("lock", renamed, "--pending").code == 0, "as the hint says"
    assert block_in(renamed).to_dict()["dependencies"] == ["demo", "six"]


# -- running -------------------------------------------------------------------------------------------------


def test_a_run_needs_no_kernel_that_others_can_see(
    cli: Cli, notebook: Path, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(Path(os.devnull, "data")))
    made(notebook, "print('here')")
    assert cli("run", notebook).code == 0
    assert outputs(notebook) == ["here\n"]


def test_a_run_records_what_its_cells_have_installed(
    cli: Cli, notebook: Path, index: LocalIndex, settings: Settings
) -> None:
    """In the output; a lock that it makes for itself does not stand in the way."""
    made(notebook, "%pip install -q shout", "import shout")
    NotebookFile.read(notebook).write_block(parse_block({"version": 1, "dependencies": ["demo<2"]}))
    said = cli("run", notebook, "--output", "out.ipynb", "--accept")
    assert said.code == 0 and f"jupyter envs lock {notebook} --pending" in said.err, said
    out = block_in(notebook.parent / "out.ipynb")
    assert out.spec.dependencies == ("demo<2", "shout") and out.lock and out.outputs
    assert out.outputs.lock == out.lock.digest and "--pending" not in outputs(notebook.parent / "out.ipynb")[0]
    assert cli("lock", notebook, "--pending").code == 0, "it says what works"
    assert block_in(notebook).spec == out.spec
    NotebookFile.read(notebook).write_block(parse_block({"version": 1, "dependencies": ["demo<2"]}))
    assert cli("run", notebook).code == 0
    assert block_in(notebook).spec == out.spec and not [*(settings.home / "pending").glob("*.json")]


def test_what_waited_before_a_run_is_not_taken_for_a_change_of_its_cells(
    cli: Cli, notebook: Path, index: LocalIndex, settings: Settings
) -> None:
    assert cli("install", notebook, "demo").code == 0
    before = block_in(notebook)
    file = leave(settings, notebook, before.to_dict(), "six")
    for words in ((), ("--output", "out.ipynb")):
        said = cli("run", notebook, *words)
        assert said.code == 0 and "Cells have installed" not in said.err
        assert block_in(notebook).spec == before.spec and file.exists()
    assert block_in(notebook.parent / "out.ipynb").spec == before.spec


def test_what_waited_before_a_run_waits_on_whatever_its_cells_install(
    cli: Cli, notebook: Path, index: LocalIndex, settings: Settings
) -> None:
    """However it ends: the cells' own change is in the result, or nowhere."""
    installs = "%pip install -q shout"
    made(notebook, installs)
    NotebookFile.read(notebook).write_block(parse_block({"version": 1, "dependencies": ["demo<2"]}))
    assert cli("lock", notebook, "--accept").code == 0
    before = block_in(notebook)
    file = leave(settings, notebook, before.to_dict(), "six")
    waiting = file.read_bytes()

    said = cli("run", notebook, "--output", "out.ipynb")
    assert said.code == 0 and "Another change is waiting for it, from before this run." in said.err
    assert block_in(notebook.parent / "out.ipynb").spec.dependencies == ("demo<2", "shout")
    assert "replaces" not in outputs(notebook.parent / "out.ipynb")[0]
    assert json.loads(file.read_bytes()) == json.loads(waiting) and block_in(notebook).spec == before.spec

    made_again(notebook, installs, "import os, signal, time; os.kill(os.getppid(), signal.SIGINT); time.sleep(60)")
    assert cli("run", notebook, "--output", "stopped.ipynb").code == 130
    assert json.loads(file.read_bytes()) == json.loads(waiting)

    made_again(notebook, installs, "1 / 0")
    assert "error[cell-failed]" in cli("run", notebook).err
    assert block_in(notebook).spec.dependencies == ("demo<2", "shout")
    assert json.loads(file.read_bytes()) == json.loads(waiting)


def made_again(notebook: Path, *sources: str) -> None:
    """With the same metadata."""
    metadata = json.loads(notebook.read_text())["metadata"]
    made(notebook, *sources)
    notebook.write_text(json.dumps(json.loads(notebook.read_text()) | {"metadata": metadata}))


def test_nor_a_home(cli: Cli, notebook: Path, index: LocalIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name)
    monkeypatch.setattr(Path, "home", nobody)
    made(notebook, "import os; print('here', os.path.isdir(os.environ['HOME']))")
    assert cli("run", notebook).code == 0
    assert outputs(notebook) == ["here True\n"] and "HOME" not in os.environ
    for words in (["gc"], ["kernelspec", "list"], ["doctor"]):
        assert "internal" not in cli(*words).err
    assert cli("kernelspec", "add", notebook).err.startswith("error[kernelspec-unwritable]")


def nobody() -> Path:
    raise RuntimeError("Could not determine home directory.")


def outputs(path: Path) -> list[str]:
    cells = json.loads(path.read_text())["cells"]
    return ["".join("".join(o.get("text", o.get("ename", ""))) for o in cell.get("outputs", [])) for cell in cells]


def test_a_run_in_a_strange_home_needs_consent_and_then_gives_the_same_versions(
    cli: Cli, notebook: Path, index: LocalIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("install", notebook, "demo<2").code == 0
    said = cli("run", notebook, "--output", "out.ipynb")
    assert said.code == 0, said.err
    assert outputs(notebook.parent / "out.ipynb") == ["1.0\n"]
    assert outputs(notebook) == [""]
    stamp = block_in(notebook.parent / "out.ipynb").outputs
    lock = block_in(notebook).lock
    assert stamp
    assert lock
    assert stamp.lock == lock.digest
    monkeypatch.setenv("JUPYTER_ENVS_HOME", str(tmp_path / "strange"))
    refused = cli("run", notebook, "--locked")
    digest = cli("status", notebook, "--json").json["consent"]["digest"]
    assert refused.code == 3
    assert digest in refused.err
    monkeypatch.setenv("JUPYTER_ENVS_CONSENT", digest)
    assert cli("run", notebook, "--locked").code == 0
    assert outputs(notebook) == ["1.0\n"]


def test_a_failing_cell_is_named_and_what_came_before_is_saved(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    made(
        notebook, "print('fine')", "import os; print(os.environ.get('JUPYTER_ENVS_NOTEBOOK'))", "1/0", "print('never')"
    )
    said = cli("run", notebook)
    assert said.code == 1
    assert (
        said.err.startswith("Resolving")
        or "error[cell-failed]: Cell 3 failed: ZeroDivisionError: division by zero" in said.err
    )
    assert "error[cell-failed]: Cell 3 failed: ZeroDivisionError: division by zero" in said.err
    assert outputs(notebook) == ["fine\n", "None\n", "ZeroDivisionError", ""]


CODE = {"cell_type": "code", "metadata": {}, "source": "1", "outputs": [], "execution_count": None}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"cells": ["str"]}, "cells[0]: must be an object"),
        ({"cells": [CODE, {k: v for k, v in CODE.items() if k != "metadata"}]}, "cells[1].metadata"),
        ({"cells": [CODE | {"source": 5}]}, "cells[0].source"),
        ({"cells": [CODE | {"source": ["a", 5]}]}, "cells[0].source"),
        ({"cells": [CODE | {"source": "'\ud800'"}]}, "cells[0].source"),
        ({"cells": [CODE | {"cell_type": []}]}, "cells[0].cell_type"),
        ({"cells": [CODE | {"metadata": {"tags": 5}}]}, "cells[0].metadata.tags"),
        ({"cells": [CODE | {"attachments": 5}]}, "cells[0].attachments"),
        ({"nbformat_minor": "x"}, "nbformat_minor"),
    ],
)
def test_a_notebook_that_cannot_run_is_refused_with_the_place_before_anything_is_built(
    cli: Cli, notebook: Path, settings: Settings, change: dict[str, Any], says: str
) -> None:
    notebook.write_text(json.dumps(json.loads(notebook.read_text()) | change))
    said = cli("run", notebook)
    assert said.code == 1
    assert said.err.startswith("error[not-notebook]: ")
    assert says in said.err
    assert not settings.store.exists()


def test_a_notebook_that_is_not_quite_as_it_should_be_runs_all_the_same(
    cli: Cli, notebook: Path, index: LocalIndex
) -> None:
    cells = [
        CODE | {"outputs": "odd", "source": ["print(", "1)"]},
        {"cell_type": "markdown", "metadata": {}, "source": "\ud800", "id": 7},
    ]
    notebook.write_text(json.dumps({"cells": cells, "nbformat": 4}))
    said = process("run", str(notebook))
    assert said.code == 0, said.err
    assert "invalid" not in said.err
    assert outputs(notebook)[0] == "1\n"


def test_outputs_that_cannot_be_saved_are_an_error_in_a_sentence(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    (notebook.parent / "gone").mkdir()
    link = notebook.parent / "link.ipynb"
    link.symlink_to("gone/out.ipynb")
    made(notebook, "import os; os.rmdir('gone'); open('gone', 'w').close()")
    said = cli("run", notebook, "--output", link)
    assert said.code == 1
    assert "error[not-writable]" in said.err or "error[home-unusable]" in said.err
    assert "Traceback" not in said.err


def test_a_link_is_written_through(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    made(notebook, "print('fine')")
    out, link = notebook.parent / "out.ipynb", notebook.parent / "link.ipynb"
    link.symlink_to(out)
    assert cli("run", notebook, "--output", link).code == 0
    assert outputs(out) == ["fine\n"]
    assert link.is_symlink()


def test_a_stopped_run_saves_nothing_and_says_so(notebook: Path, index: LocalIndex) -> None:
    made(notebook, "open('begun', 'w').close()\nimport time; time.sleep(60)")
    before = notebook.read_bytes()
    with subprocess.Popen([sys.executable, ENTRY, "run", notebook], stderr=subprocess.PIPE, text=True) as child:
        deadline = time.monotonic() + 60
        while not (notebook.parent / "begun").exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        child.send_signal(signal.SIGINT)
        assert child.stderr
        said = child.stderr.read()
        assert child.wait(20) == 130
    assert said.splitlines()[-1] == "error[cancelled]: Stopped; nothing was saved."
    assert "WARNING" not in said
    assert "Traceback" not in said
    assert notebook.read_bytes() == before


@pytest.mark.parametrize("depth", [0, 12])
def test_nobody_can_listen_to_a_run_and_its_kernel_leaves_no_sockets(
    cli: Cli, notebook: Path, index: LocalIndex, monkeypatch: pytest.MonkeyPatch, depth: int
) -> None:
    temporary = notebook.parent.joinpath("t", *["long-name"] * depth) if depth else Path(tempfile.mkdtemp(dir="/tmp"))
    temporary.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    made(notebook, "import ipykernel.kernelapp as k; print(k.IPKernelApp.instance().transport)")
    assert cli("run", notebook).code == 0
    assert outputs(notebook) == ["tcp\n" if depth else "ipc\n"]
    assert list(temporary.iterdir()) == []
    temporary.rmdir()


def test_a_cell_that_takes_too_long_says_what_to_do(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    made(notebook, "import time; time.sleep(60)")
    said = cli("run", notebook, "--timeout", "1")
    assert (
        "error[cell-timeout]: Cell 1 did not finish within 1 s.\nhint: Give it more time: --timeout SECONDS."
        in said.err
    )


def test_a_lock_that_is_older_than_the_list_is_not_taken_silently(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    cli("install", notebook, "demo<2", "--no-build-env")
    file = NotebookFile.read(notebook)
    block = block_in(notebook)
    import msgspec

    file.write_block(msgspec.structs.replace(block, dependencies=("demo",)))
    assert cli("run", notebook, "--locked").err.startswith("error[lock-outdated]")
    assert cli("run", notebook, "--output", "out.ipynb").code == 0
    assert outputs(notebook.parent / "out.ipynb") == ["1.0\n"]


def test_outputs_are_not_lost_when_somebody_saves_the_notebook_meanwhile(
    cli: Cli, notebook: Path, index: LocalIndex
) -> None:
    source = f"open({str(notebook)!r}, 'a').write(' '); print('computed')"
    made(notebook, source)
    said = cli("run", notebook)
    assert said.code == 1
    assert "a-outputs.ipynb" in said.err
    assert outputs(notebook.with_name("a-outputs.ipynb")) == ["computed\n"]


@pytest.mark.parametrize("variable", ["JUPYTER_ENVS_OFFLINE", "UV_OFFLINE", ""])
@pytest.mark.parametrize("name", ["demo", ""])
def test_offline_no_index_is_asked_what_it_has(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, variable: str, name: str
) -> None:
    if variable:
        monkeypatch.setenv(variable, "1")
    said = cli("lookup", *([] if variable else ["--offline"]), "--of", sys.executable, *([name] if name else []))
    assert (said.code, said.out) == (1, "") and said.err.startswith("error[offline]")
