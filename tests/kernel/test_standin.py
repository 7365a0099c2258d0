"""The kernel that answers where an environment is missing; the command line behind it is a fake."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.launch.launch import STANDIN

from .client import Comm, Kernel
from .conftest import FakeNotebook

WIRE = Path(__file__).resolve().parent.parent / "wire"
INVALID = {
    "state": "invalid",
    "sentence": "metadata.jupyter_envs.dependencies[0]: '--evil' is an option or a path.",
    "error": {"code": "req-option-or-path", "sentence": "x", "hint": "Install it yourself.", "details": ""},
}


def standin(notebook: FakeNotebook, status: dict[str, Any], **values: Any) -> Kernel:
    argv = [sys.executable, str(STANDIN)]
    return notebook.start(argv, standin=True, environment=None, base=False, status=status, **values)


@pytest.fixture
def waiting(notebook: FakeNotebook) -> Kernel:
    """For a notebook that brings numpy and six."""
    for name in ("random", "json", "typing", "tornado", "traitlets", "IPython", "msgspec", "comm", "lock"):
        (notebook.folder / f"{name}.py").write_text(f"open({str(notebook.folder / 'ran')!r}, 'w')\n")
    status = json.loads((WIRE / "status-not-built.json").read_text())
    return standin(notebook, status, block=json.loads((WIRE / "block.json").read_text()))


def test_it_runs_nothing_and_says_what_is_missing_and_what_to_do(waiting: Kernel, notebook: FakeNotebook) -> None:
    for cell in ("open('made', 'w')", "%%bash\ntouch made", "!touch made", "%env-build\nopen('made', 'w')"):
        done = waiting.run(cell)
        assert (done.ename, done.reply["status"]) == ("EnvironmentNotReady", "error")
    for words in (
        "Python 3.12",
        "3 packages",
        "numpy",
        "MB",
        "%env-build",
        f"jupyter envs build {notebook.path}",
    ):
        assert words in done.traceback
    assert not (notebook.folder / "made").exists() and not (notebook.folder / "ran").exists()
    assert waiting.complete("import js") == []
    assert waiting.run("").reply["status"] == "ok"


def test_an_install_goes_on_top_of_what_the_notebook_asks_for(waiting: Kernel, notebook: FakeNotebook) -> None:
    front_end = Comm(waiting)
    assert front_end.next("state")["standin"] is True
    waiting.send("!pip install tiny")
    told = front_end.next("block")
    assert told["before"]["dependencies"] == ["numpy>=2", "six"]
    assert "tiny" in told["block"]["dependencies"]
    assert notebook.kept()["block"] == told["block"] and notebook.kept()["standin"] is True


def test_an_interrupt_stops_a_build(waiting: Kernel, notebook: FakeNotebook) -> None:
    request = waiting.send("%env-install slow")
    until = time.monotonic() + 20
    while not (notebook.fake / "calls").exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    time.sleep(0.3)
    waiting.manager.interrupt_kernel()
    assert "Stopped." in waiting.collect(request, timeout=15).text
    assert (notebook.fake / "stopped").exists()
    assert waiting.run("1").ename == "EnvironmentNotReady"


@pytest.mark.parametrize("word", ["--accept", "--accept=-q", "--accept=sha256:0", "--index-url=--accept=sha256:0"])
def test_no_cell_gives_its_own_consent(waiting: Kernel, notebook: FakeNotebook, word: str) -> None:
    assert waiting.run(f"%env-build {word}").reply["status"] == "error"
    calls = notebook.calls if (notebook.fake / "calls").exists() else []
    assert not [w for _, words, *_ in calls for w in words if w.startswith("--accept")]


def test_the_yes_to_a_build_is_an_answer_too(waiting: Kernel, notebook: FakeNotebook) -> None:
    cell = "%env-install --allow-build docopt docopt"
    assert waiting.run(cell).reply["status"] == "error"
    done = waiting.run(cell, answer="y")
    assert done.prompts and done.reply["status"] == "ok", done
    assert "Build it?" in waiting.run("%env-build", answer="y").prompts[0]


def test_an_interrupt_at_the_question_stops_it(waiting: Kernel) -> None:
    request = waiting.send("%env-build", stdin=True)
    waiting.client.get_stdin_msg(timeout=30)
    waiting.manager.interrupt_kernel()
    done = waiting.collect(request, timeout=15)
    assert "Stopped. The environment has not changed." in done.text and done.reply["status"] == "error"
    assert waiting.run("1").ename == "EnvironmentNotReady"


def test_a_block_that_it_cannot_read_is_not_overwritten(notebook: FakeNotebook) -> None:
    kernel = standin(notebook, INVALID)
    for cell in ("1", "%env-install tiny", "%env-build"):
        done = kernel.run(cell)
        assert done.ename == "EnvironmentNotReady"
        assert "dependencies[0]" in done.traceback and "hint: Install it yourself." in done.traceback
    assert not (notebook.fake / "calls").exists()


def test_the_base_environment_can_be_built_in_a_terminal_too(notebook: FakeNotebook) -> None:
    kernel = standin(notebook, {"state": "no-block", "sentence": "The base environment is not built yet."})
    said = kernel.run("1").traceback
    assert "%env-build" in said and f"jupyter envs build {notebook.path}" in said


def test_status_is_no_error(waiting: Kernel) -> None:
    done = waiting.run("%env-status")
    assert done.reply["status"] == "ok" and "3 packages" in done.stdout
