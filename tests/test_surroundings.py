"""The command line in odd surroundings: it works, or says in a typed error what is the matter. No result that nobody
got counts as a success, and nothing that was done counts as a failure."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import jupyter_envs
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.kernel.writing import Busy
from jupyter_envs.system.leases import HeldTooLong
from jupyter_envs.system.os_errors import explain_os_error, out_of_resources

from .test_cli import made
from .typed import typed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="surroundings of POSIX")
MAIN = str(Path(jupyter_envs.__file__).with_name("__main__.py"))
SHELL = ("/bin/sh", "-c")


def run(
    *words: str | Path,
    wrap: str = 'exec "$@"',
    env: Mapping[str, str] | None = None,
    pre: Callable[[], object] | None = None,
) -> subprocess.CompletedProcess[str]:
    """`wrap` is a line of a shell that gets the command as "$@"."""
    return subprocess.run(
        [*SHELL, wrap, "sh", sys.executable, MAIN, *map(str, words)], capture_output=True, text=True, check=False, timeout=60,
        stdin=subprocess.DEVNULL, env={**os.environ} if env is None else {**env}, preexec_fn=pre,
    )  # fmt: skip


def fine(done: subprocess.CompletedProcess[str]) -> None:
    said = done.stdout + done.stderr
    assert "Traceback" not in said and "error[internal]" not in said and "Exception ignored" not in said, said
    assert done.returncode in (0, 1, 2, 3) and (done.returncode == 0) == ("error[" not in said), done


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return made(tmp_path / "a.ipynb", "1")


LOST = {
    "closed": 'exec "$@" >&-',
    "full": 'exec "$@" >/dev/full',
    "all closed": 'exec "$@" <&- >&- 2>&-',
    "read-only": 'exec "$@" 1</dev/null',
}


@pytest.mark.parametrize("wrap", LOST.values(), ids=LOST)
@pytest.mark.parametrize(
    "words", [("list",), ("list", "--json"), ("--help",), ("status", "--help"), ("--version",), ("python", "--json")]
)
def test_a_result_that_cannot_be_written_is_no_success(words: tuple[str, ...], wrap: str) -> None:
    done = run(*words, wrap=wrap)
    assert done.returncode == 1 and ("2>&-" in wrap or done.stderr.startswith("error[not-told]")), done
    assert "Exception" not in done.stderr


@pytest.mark.parametrize(
    "wrap", [*LOST.values(), """bash -o pipefail -c '"$@" | true' bash "$@" """], ids=[*LOST, "nobody reads"]
)
@pytest.mark.parametrize("json_wanted", [(), ("--json",)], ids=["text", "json"])
def test_what_was_done_is_no_failure(
    environments: Environments, notebook: Path, wrap: str, json_wanted: tuple[str, ...]
) -> None:
    lock = environments.install(None, typed("demo")).block
    content = json.loads(notebook.read_text())
    content["metadata"]["jupyter_envs"] = lock.to_dict()
    notebook.write_text(json.dumps(content))
    done = run("install", notebook, "demo-dep", *json_wanted, wrap=wrap)
    assert done.returncode == 0 and "Traceback" not in done.stderr, done
    assert "demo-dep" in json.loads(notebook.read_text())["metadata"]["jupyter_envs"]["dependencies"]


@pytest.mark.parametrize(
    "wrap", ['exec "$@" 2>&-', 'exec "$@" 2>/dev/full', 'exec "$@" 2</dev/null'], ids=["closed", "full", "read-only"]
)
def test_what_is_said_beside_the_result_may_be_lost(notebook: Path, wrap: str) -> None:
    done = run("gc", wrap=wrap)
    assert done.returncode == 0 and "Nothing to clean" in done.stdout, done
    assert run("status", notebook.with_name("none.ipynb"), wrap=wrap).returncode == 1


def test_no_file_gets_the_number_of_a_closed_stream(notebook: Path) -> None:
    """What is said to stdout would otherwise land in the next file that is opened: in a notebook."""
    before = notebook.read_bytes()
    run("lock", notebook, wrap='exec "$@" <&- >&- 2>&-')
    changed = json.loads(notebook.read_bytes())
    assert changed["cells"] == json.loads(before)["cells"]


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in names}


@pytest.mark.parametrize(
    ("env", "wrap"),
    [
        ({"PATH": ""}, 'exec "$@"'),
        ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, 'exec "$@"'),
        ({"LANG": "xx_YY.nonsense"}, 'exec "$@"'),
        ({"PYTHONWARNINGS": "error", "PYTHONIOENCODING": "ascii"}, 'exec "$@"'),
        ({"TMPDIR": "/nowhere"}, 'exec "$@"'),
        ({"BIG": "x" * 100_000}, 'exec "$@"'),
        ({"HOME": ""}, 'exec "$@"'),
        ({"JUPYTER_ENVS_HOME": "~nobody-of-this-name/x"}, 'exec "$@"'),
        ({"JUPYTER_ENVS_HOME": "/dev/null"}, 'exec "$@"'),
        ({"JUPYTER_ENVS_HOME": "/proc/1/none"}, 'exec "$@"'),
        ({}, 'ulimit -n 16; exec "$@"'),
        ({}, 'ulimit -f 0; exec "$@"'),
        ({}, 'ulimit -v 300000; exec "$@"'),
        ({}, 'umask 777; exec "$@"'),
        ({}, 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'),
        ({"JUPYTER_ENVS_HOME": "relative"}, 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'),
    ],
    ids=lambda value: str(value)[:40],
)
@pytest.mark.parametrize("verb", ["status", "list", "lock", "gc"])
def test_it_works_or_says_what_is_the_matter(
    notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str, env: dict[str, str], wrap: str
) -> None:
    monkeypatch.chdir(tmp_path)
    before = notebook.read_bytes()
    done = run(verb, *([notebook] if verb in ("status", "lock") else []), wrap=wrap, env=os.environ | env)
    fine(done)
    assert done.returncode == 0 or notebook.read_bytes() == before


def ignored(number: int) -> Callable[[], object]:
    return lambda: signal.signal(number, signal.SIG_IGN)


def test_a_tool_that_failed_is_not_taken_for_one_that_ended_well(tmp_path: Path) -> None:
    """Where SIGCHLD is ignored, the system forgets how a child ended."""
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\nexit 7\n")
    uv.chmod(0o755)
    code = "from jupyter_envs.cli.main import settle_in; from jupyter_envs.system import process; settle_in(); print(process.run(['{}'], env={{}}))"
    done = subprocess.run(
        [sys.executable, "-c", code.format(uv)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=ignored(signal.SIGCHLD),
    )
    assert "returncode=7" in done.stdout, done


def test_a_command_can_be_stopped_where_its_parent_has_blocked_the_signals(notebook: Path) -> None:
    def block() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT, signal.SIGTERM])

    words = [sys.executable, MAIN, "--wait"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=block) as waiting:
        assert waiting.stdin and waiting.stdout
        status = Path("/proc", str(waiting.pid), "status")
        if not status.exists():
            waiting.kill()
            pytest.skip("no /proc")
        while "SigBlk:\t0000000000000000" not in status.read_text():
            os.sched_yield()
        waiting.terminate()
        assert waiting.wait(30) == 130


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc")
def test_who_is_stopped_after_the_last_word_ends_without_a_traceback() -> None:
    """A thread of ours may still wait for the disk then."""
    code = "import sys, time, threading; sys.argv = ['x', '--version']; from jupyter_envs.cli.main import main; " \
           "threading.Thread(target=time.sleep, args=(60,)).start(); sys.exit(main())"  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as ending:
        assert ending.stdout and ending.stdout.readline().startswith("jupyter-envs")
        while "SigCgt" not in (status := Path("/proc", str(ending.pid), "status").read_text()) or _caught(
            status, signal.SIGINT
        ):
            os.sched_yield()
        ending.send_signal(signal.SIGINT)
        said = ending.communicate(timeout=30)
    assert said == ("", "") and ending.returncode == -signal.SIGINT


def _caught(status: str, number: int) -> bool:
    mask = next(line for line in status.splitlines() if line.startswith("SigCgt")).split()[1]
    return bool(int(mask, 16) >> (number - 1) & 1)


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (OSError(24, "Too many open files", "/x"), "system-refused", "ulimit -n"),
        (OSError(27, "File too large"), "system-refused", "ulimit -f"),
        (OSError(28, "No space left on device", "/x"), "disk-full", "Make room"),
        (FileNotFoundError(2, "No usable temporary directory found in ['/tmp']"), "system-refused", "TMPDIR"),
        (HeldTooLong(Path("/home/x/consents.lock")), "store-busy", "Try again"),
        (Busy("/home/x/local.json"), "store-busy", "Try again"),
        (TimeoutError("timed out"), "timed-out", "Try again"),
        (TimeoutError(), "timed-out", "Try again"),
        (FileNotFoundError(2, "No such file or directory", "/x"), "system-refused", "Check that it exists"),
        (PermissionError(13, "Permission denied", "/x"), "system-refused", "read and write"),
        (out_of_resources(MemoryError()), "system-refused", "memory"),
        (out_of_resources(RuntimeError("can't start new thread")), "system-refused", "processes"),
    ],
)
def test_what_the_system_refuses_has_a_code_and_a_next_step(error: Any, code: str, words: str) -> None:
    told = explain_os_error(error)
    assert told.code == code and words in told.hint and told.sentence.endswith(".")
    assert "held timed out" not in told.sentence and "refuses" not in told.sentence


def test_an_error_of_our_own_is_none_of_the_systems() -> None:
    assert out_of_resources(RuntimeError("x")) is None and out_of_resources(ValueError("x")) is None
