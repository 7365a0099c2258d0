"""The command line that waits: quicker, and otherwise nobody can tell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_envs.cli import wait
from jupyter_envs.kernel.child import environment, run
from jupyter_envs.kernel.prewarm import UNUSED, WAIT, Warm

from .client import Comm, Kernel
from .conftest import FakeNotebook

CLI = [sys.executable, str(Path(wait.__file__).parents[1] / "__main__.py")]


def until(what: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def processes(notebook: FakeNotebook, file: str = "waiting") -> list[int]:
    path = notebook.fake / file
    return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


def waits(kernel: Kernel, notebook: FakeNotebook, number: int = 1) -> None:
    """After an install, for the next one."""
    assert kernel.run("%env-install tiny").reply["status"] == "ok"
    until(lambda: len(processes(notebook)) == number)


def test_nothing_waits_before_anything_was_installed(kernel: Kernel, notebook: FakeNotebook) -> None:
    kernel.run("1 + 1")
    assert processes(notebook) == []


def test_after_an_install_one_waits_for_the_next(kernel: Kernel, notebook: FakeNotebook) -> None:
    waits(kernel, notebook)
    done = kernel.run("%env-install moves")
    assert done.reply["status"] == "ok"
    assert notebook.calls[1][4] == processes(notebook)[0] != notebook.calls[0][4]
    assert notebook.calls[1][1:4] == [[*notebook.calls[0][1][:-1], "moves"], *notebook.calls[0][2:4]]
    assert notebook.kept()["block"]["dependencies"] == ["tiny", "moves"]


@pytest.mark.parametrize(
    "change", ["os.environ['HTTPS_PROXY'] = 'http://127.0.0.1:9'", "os.makedirs('sub'); os.chdir('sub')"]
)
def test_where_something_has_changed_another_one_is_started(
    kernel: Kernel, notebook: FakeNotebook, change: str
) -> None:
    waits(kernel, notebook)
    kernel.run("import os; " + change)
    assert kernel.run("%env-install moves").reply["status"] == "ok"
    assert notebook.calls[1][4] not in processes(notebook)[:1]
    until(lambda: processes(notebook, "left") == processes(notebook)[:1])


def test_it_ends_with_the_kernel(kernel: Kernel, notebook: FakeNotebook) -> None:
    waits(kernel, notebook)
    kernel.stop()
    until(lambda: processes(notebook, "left") == processes(notebook))


def test_one_that_was_killed_is_not_missed(kernel: Kernel, notebook: FakeNotebook) -> None:
    waits(kernel, notebook)
    os.kill(processes(notebook)[0], 9)
    assert kernel.run("%env-install moves").reply["status"] == "ok"
    assert [call[0] for call in notebook.calls] == ["install", "install"]


def test_an_interrupt_stops_it(kernel: Kernel, notebook: FakeNotebook) -> None:
    waits(kernel, notebook)
    request = kernel.send("%env-install slow")
    until(lambda: len(notebook.calls) == 2)
    time.sleep(0.3)
    kernel.manager.interrupt_kernel()
    done = kernel.collect(request, timeout=15)
    assert list(done.displays.values()) == ["Stopped. The environment has not changed."]
    assert (notebook.fake / "stopped").exists()
    assert notebook.calls[1][4] == processes(notebook)[0]


def test_whoever_begins_to_type_an_order_finds_one_waiting(kernel: Kernel, notebook: FakeNotebook) -> None:
    kernel.complete("%env-in")
    until(lambda: processes(notebook))
    kernel.run("%env-install tiny")
    assert notebook.calls[0][4] == processes(notebook)[0]


def test_a_front_end_finds_one_after_some_seconds(kernel: Kernel, notebook: FakeNotebook) -> None:
    Comm(kernel).next("state")
    until(lambda: processes(notebook))
    assert len(processes(notebook)) == 1


# -- the real one ---------------------------------------------------------------------------------------------------


def test_the_command_line_does_what_it_is_told_later(home: Path) -> None:
    warm, env, events = Warm(), environment(os.environ), []
    warm.prepare(CLI, env)
    words = ["status", "--block", "-", "--journal", "-"]
    last = run(CLI, words, None, events.append, env, warm)
    assert (last["event"], last["result"]["state"]) == ("done", "no-block")
    assert last == run(CLI, words, None, events.append, env)
    refused = run(CLI, ["remove", "--block", "-", "--journal", "-", "x"], None, events.append, env, warm)
    assert refused["error"]["code"] == "not-declared"


def test_it_leaves_quietly_when_nobody_comes(home: Path) -> None:
    done = subprocess.run([*CLI, WAIT], input=b"", capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (UNUSED, b"", b"")
    impatient = "from jupyter_envs.cli.wait import wait; wait(0.1)"
    with subprocess.Popen([sys.executable, "-c", impatient], stdin=subprocess.PIPE) as process:
        assert process.wait(20) == UNUSED


def test_one_that_left_at_that_moment_has_done_nothing_and_another_does_it(tmp_path: Path) -> None:
    script = tmp_path / "cli.py"
    script.write_text(
        f"import json, sys\nif sys.argv[1:] == [{WAIT!r}]:\n    sys.stdin.readline()\n    sys.exit({UNUSED})\n"
        "print(json.dumps({'event': 'done', 'result': sys.argv[1:]}))\n"
    )
    cli, warm, env = [sys.executable, str(script)], Warm(), environment(os.environ)
    warm.prepare(cli, env)
    assert run(cli, ["install"], None, json.dumps, env, warm) == {"event": "done", "result": ["install"]}


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("spoken", [False, True])
def test_one_that_is_killed_is_replaced_unless_it_has_begun(tmp_path: Path, spoken: bool) -> None:
    script = tmp_path / "cli.py"
    script.write_text(
        f"import json, os, sys\nif sys.argv[1:] == [{WAIT!r}]:\n    sys.stdin.readline()\n"
        f"    print('{{}}' if {spoken} else '', end='', flush=True)\n    os.kill(os.getpid(), 9)\n"
        "print(json.dumps({'event': 'done', 'result': sys.argv[1:]}))\n"
    )
    cli, warm, env = [sys.executable, str(script)], Warm(), environment(os.environ)
    warm.prepare(cli, env)
    last = run(cli, ["install"], None, json.dumps, env, warm)
    assert last["error"]["code"] == "cli-died" if spoken else last == {"event": "done", "result": ["install"]}
