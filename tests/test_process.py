"""Tools are started in one way: isolated, stoppable, never outliving us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

import jupyter_envs
from jupyter_envs.errors import Cancelled, InstallError
from jupyter_envs.system import process

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and process groups")
PARENT_OF_SLEEPER = (
    "import subprocess, sys, time, pathlib\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "pathlib.Path(sys.argv[1]).write_text(str(child.pid))\n"
    "time.sleep(60)\n"
)


def python(code: str, *words: str | Path) -> list[str | Path]:
    return [sys.executable, "-I", "-c", code, *words]


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def eventually(holds: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    return holds()


def written(path: Path) -> bool:
    return path.exists() and path.read_text() != ""


def test_output_input_and_exit_code_come_back() -> None:
    done = process.run(
        python("import sys; print(sys.stdin.read().upper()); sys.stderr.buffer.write('é'.encode()); sys.exit(3)"),
        env={},
        stdin="ok" * 200_000,
    )
    assert (done.returncode, done.stdout.strip(), done.stderr.strip()) == (3, "OK" * 200_000, "é")


def test_a_tool_that_reads_nothing_does_not_block_us() -> None:
    assert process.run(python("pass"), env={}, stdin="x" * 5_000_000).returncode == 0


def test_without_a_folder_it_runs_in_an_empty_one_that_is_gone_afterwards() -> None:
    done = process.run(python("import os; print(os.getcwd(), os.listdir())"), env={})
    folder, listed = done.stdout.split(maxsplit=1)
    assert listed.strip() == "[]"
    assert not Path(folder).exists()


def test_a_tool_sees_neither_our_secrets_nor_shims_nor_relative_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "UV_INDEX", "PIP_INDEX_URL", "PYTHONPATH", "LD_PRELOAD"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("PATH", os.pathsep.join(["/home/me/.pyenv/shims", "", ".", "bin", "/usr/bin"]))
    env = process.scrubbed({"UV_CACHE_DIR": "/c"})
    assert env["PATH"] == "/usr/bin" and env["UV_CACHE_DIR"] == "/c" and env["HOME"]
    assert set(env) <= {*process.KEPT, "PATH", "UV_CACHE_DIR"}


def test_lines_arrive_while_the_tool_runs() -> None:
    seen: list[tuple[str, float]] = []
    code = "import sys, time; print('a', file=sys.stderr, flush=True); time.sleep(.5); print('b', file=sys.stderr)"
    process.run(python(code), env={}, on_stderr_line=lambda line: seen.append((line, time.monotonic())))
    assert [line for line, _ in seen] == ["a", "b"]
    assert seen[1][1] - seen[0][1] > 0.3


def test_an_error_in_the_listener_ends_the_tool_and_is_raised() -> None:
    def listener(line: str) -> None:
        raise ZeroDivisionError(line)

    started = time.monotonic()
    with pytest.raises(ZeroDivisionError, match="a"):
        process.run(
            python("import sys, time; print('a', file=sys.stderr, flush=True); time.sleep(60)"),
            env={},
            on_stderr_line=listener,
        )
    assert time.monotonic() - started < 20


def test_of_endless_output_the_end_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MAX_OUTPUT", 100_000)
    done = process.run(python("print('x' * 3_000_000, end=''); print('the end')"), env={})
    assert len(done.stdout) <= 100_000 and done.stdout.endswith("the end\n")


def test_a_missing_tool_is_a_typed_error() -> None:
    with pytest.raises(InstallError, match="no-such-tool cannot be started") as caught:
        process.run(["/no-such-tool"], env={})
    assert caught.value.code == "engine-missing"


@pytest.mark.parametrize("odd", ["a\0b", "\ud800"])
def test_what_no_process_can_be_given_is_a_typed_error(odd: str) -> None:
    for argv, env in ((["/bin/true", odd], {}), (["/bin/true"], {"PASSWORD": odd})):
        with pytest.raises(InstallError) as caught:
            process.run(argv, env=env)
        assert caught.value.code == "engine-missing" and "true cannot be started" in caught.value.sentence


def test_a_deadline_is_a_typed_error() -> None:
    with pytest.raises(InstallError) as caught:
        process.run(python("import time; time.sleep(60)"), env={}, timeout=0.2)
    assert caught.value.code == "tool-timeout"


@posix
def test_cancel_ends_the_tool_and_its_children(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    with pytest.raises(Cancelled):
        process.run(python(PARENT_OF_SLEEPER, file), env={}, cancelled=lambda: written(file))
    assert eventually(lambda: gone(int(file.read_text())))


@posix
def test_a_tool_that_ignores_being_asked_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "GRACE", 0.1)
    file = tmp_path / "pid"
    code = (
        "import os, signal, sys, time, pathlib; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); time.sleep(60)"
    )
    with pytest.raises(Cancelled):
        process.run(python(code, file), env={}, cancelled=lambda: written(file))
    assert gone(int(file.read_text()))


@posix
def test_a_child_that_outlives_the_tool_does_not_hold_us(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    started = time.monotonic()
    done = process.run(python(PARENT_OF_SLEEPER.replace("time.sleep(60)\n", "print('done')\n"), file), env={})
    assert done.stdout == "done\n" and time.monotonic() - started < 20
    assert eventually(lambda: gone(int(file.read_text())))


@posix
def test_ctrl_c_ends_the_tool(tmp_path: Path) -> None:
    file = tmp_path / "pid"

    def interrupt() -> bool:
        if written(file):
            raise KeyboardInterrupt
        return False

    with pytest.raises(KeyboardInterrupt):
        process.run(python(PARENT_OF_SLEEPER, file), env={}, cancelled=interrupt)
    assert eventually(lambda: gone(int(file.read_text())))


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG")
@pytest.mark.parametrize("thread", [False, True])
def test_when_we_are_killed_the_tool_ends(tmp_path: Path, thread: bool) -> None:
    """From a worker thread too, as a server calls it."""
    file = tmp_path / "pid"
    tool = "import os, sys, time, pathlib; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); time.sleep(60)"
    ours = (
        "import sys, threading; from jupyter_envs.system import process\n"
        f"work = lambda: process.run([sys.executable, '-I', '-c', {tool!r}, {str(file)!r}], env={{}})\n"
        + ("t = threading.Thread(target=work); t.start(); t.join()" if thread else "work()")
    )
    root = Path(jupyter_envs.__file__).parent.parent
    with subprocess.Popen([sys.executable, "-c", ours], cwd=root) as us:
        assert eventually(lambda: written(file))
        assert not gone(int(file.read_text()))
        us.send_signal(signal.SIGKILL)
    assert eventually(lambda: gone(int(file.read_text())))
