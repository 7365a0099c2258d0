"""Whoever is ended is ended with all that he has started: what ignores being asked, what has left the group, what is
started meanwhile."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

import jupyter_envs
from jupyter_envs.environments.jobs import JobRequest, Jobs
from jupyter_envs.environments.jobs.traces import KILL, signal_group
from jupyter_envs.errors import Cancelled
from jupyter_envs.kernel import child
from jupyter_envs.kernel.prewarm import Started
from jupyter_envs.kernel.trees import ProcessTree, end_tree
from jupyter_envs.settings import Settings
from jupyter_envs.system import process

ROOT = Path(jupyter_envs.__file__).parent.parent
posix = pytest.mark.skipif(sys.platform == "win32", reason="sessions and signals")
START = """
import os, signal, subprocess, sys, time
token, kind = sys.argv[1:3]
def ignore():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
def start(kind, **more):
    return subprocess.Popen([sys.executable, __file__, token, kind], **more)
"""
KINDS = {
    "sleeps": "time.sleep(600)",
    "has children": "start('sleeps'); start('has a child'); time.sleep(600)",
    "has a child": "start('sleeps'); time.sleep(600)",
    "ignores": "ignore(); start('sleeps'); time.sleep(600)",
    "has a child that ignores": "start('ignores'); time.sleep(600)",
    "has one in a session of its own": "start('ignores', start_new_session=True); time.sleep(600)",
    "starts more and more": "ignore()\nfor _ in range(300):\n    start('sleeps', start_new_session=True); time.sleep(0.005)\ntime.sleep(600)",
    "has one that starts more and more": "start('starts more and more', start_new_session=True); time.sleep(600)",
}
"""What a process is, and what it starts. Who starts more and more does so until he is ended: what one starts between the
look at him and his end, and lets go into a session of its own, nobody can find."""
ALL = ["has children", "has a child that ignores", "has one in a session of its own", "starts more and more",
       "has one that starts more and more"]  # fmt: skip


def alive(token: str) -> list[psutil.Process]:
    found = []
    for each in psutil.process_iter(["cmdline", "status"]):
        if token in (each.info["cmdline"] or ()) and each.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(each)
    return found


def eventually(holds: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


@pytest.fixture
def token(tmp_path: Path) -> Iterator[str]:
    """Stands in the arguments of all processes of a test."""
    name = f"tree-{os.urandom(8).hex()}"
    yield name
    while left := alive(name):  # where a test has failed
        for order in ("suspend", "kill"):
            for each in left:
                with contextlib.suppress(psutil.Error):
                    getattr(each, order)()


@pytest.fixture
def script(tmp_path: Path) -> Path:
    branches = "\n".join(f"if kind == {kind!r}:\n    " + code.replace("\n", "\n    ") for kind, code in KINDS.items())
    path = tmp_path / "tree.py"
    path.write_text(START + branches)
    return path


def grown(token: str, kind: str, root: int = 1) -> bool:
    """`root`: 0 where the first process does not name the token."""
    return len(alive(token)) >= (8 if "more" in kind else 2) + root


@pytest.mark.parametrize("kind", ALL)
def test_a_tree_ends_whole(script: Path, token: str, kind: str) -> None:
    with subprocess.Popen([sys.executable, script, token, kind]) as root:
        assert eventually(lambda: grown(token, kind))
        end_tree(root.pid)
    assert eventually(lambda: not alive(token))


def test_a_process_that_is_gone_is_no_error(script: Path, token: str) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as root:
        root.wait()
        end_tree(root.pid)


def test_nobody_else_is_ended(script: Path, token: str) -> None:
    """Neither we, who have started it, nor another that we have started."""
    with subprocess.Popen([sys.executable, script, token, "sleeps"]) as other:
        with subprocess.Popen([sys.executable, script, f"{token}-2", "has a child"]) as root:
            assert eventually(lambda: len(alive(f"{token}-2")) == 2)
            end_tree(root.pid)
        assert len(alive(token)) == 1 and other.poll() is None
        other.kill()


def test_whoever_ends_his_own_tree_stays(token: str) -> None:
    code = (
        "import os, subprocess, sys; from jupyter_envs.kernel.trees import end_tree\n"
        "started = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', sys.argv[1]])\n"
        "end_tree(os.getpid()); print(started.wait() != 0)"
    )
    done = subprocess.run([sys.executable, "-c", code, token], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout == "True\n"


def test_a_number_that_is_free_again_is_nobodys(script: Path, token: str) -> None:
    with subprocess.Popen([sys.executable, script, f"{token}-2", "sleeps"]) as root:
        tree = ProcessTree(root.pid)
        tree.look()
        root.kill()
    with subprocess.Popen([sys.executable, script, token, "sleeps"]) as other:
        tree._pid = other.pid  # as the system may have it
        tree.end()
        assert eventually(lambda: len(alive(token)) == 1) and other.poll() is None
        other.kill()


@posix
def test_nobody_stands_still_when_he_is_asked_to_end(script: Path, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where we were killed in that moment he would for ever, with all the locks that he has."""
    asked: list[set[str]] = []
    real = os.killpg

    def killpg(group: int, number: int) -> None:
        asked.append({each.status() for each in alive(token)})
        real(group, number)

    monkeypatch.setattr(os, "killpg", killpg)
    kind = "has one in a session of its own"
    with pytest.raises(Cancelled):
        process.run(
            [sys.executable, script, token, kind], env=process.scrubbed({}), cancelled=lambda: grown(token, kind)
        )
    assert asked[0] and psutil.STATUS_STOPPED not in asked[0]


FAULTS = [OSError(errno.EMFILE, "Too many open files"), PermissionError(errno.EACCES, "/proc"), RuntimeError("psutil")]


@contextlib.contextmanager
def nobody_is_seen(fault: Exception) -> Iterator[Callable[[], bool]]:
    """From when it is called, which says True."""
    with pytest.MonkeyPatch.context() as patch:

        def pids() -> list[int]:
            raise fault

        def begin() -> bool:
            patch.setattr(psutil, "pids", pids)
            return True

        yield begin


@posix
@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_where_nobody_is_seen_the_group_of_a_tool_ends_all_the_same(script: Path, token: str, fault: Exception) -> None:
    kind = "has a child that ignores"
    with nobody_is_seen(fault) as begin, pytest.raises(Cancelled):
        process.run(
            [sys.executable, script, token, kind],
            env=process.scrubbed({}),
            cancelled=lambda: grown(token, kind) and begin(),
        )
    assert eventually(lambda: not alive(token))


@pytest.mark.parametrize("kind", ALL)
def test_a_tool_that_is_cancelled_leaves_nothing(script: Path, token: str, kind: str) -> None:
    with pytest.raises(Cancelled):
        process.run(
            [sys.executable, script, token, kind], env=process.scrubbed({}), cancelled=lambda: grown(token, kind)
        )
    assert eventually(lambda: not alive(token))


@pytest.mark.parametrize("kind", ALL)
def test_a_job_that_is_cancelled_leaves_nothing(settings: Settings, script: Path, token: str, kind: str) -> None:
    entry = script.with_name("entry.py")
    entry.write_text(
        f"import runpy, sys, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"sys.argv = [{str(script)!r}, {token!r}, {kind!r}]; runpy.run_path({str(script)!r})"
    )
    jobs = Jobs(settings, entry)
    job = jobs.start(JobRequest("status"))
    assert eventually(lambda: grown(token, kind, root=0))
    jobs.cancel(job.id)
    assert eventually(lambda: not alive(token))
    assert jobs.get(job.id).state == "cancelled"


@posix
@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_where_nobody_is_seen_a_jobs_group_is_ended_all_the_same(script: Path, token: str, fault: Exception) -> None:
    argv = [sys.executable, script, token, "has a child that ignores"]
    with subprocess.Popen(argv, start_new_session=True) as job:
        assert eventually(lambda: grown(token, "has a child that ignores"))
        with nobody_is_seen(fault) as begin:
            begin()
            signal_group(job.pid, KILL)
    assert eventually(lambda: not alive(token))


@posix
@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_where_nobody_is_seen_a_change_in_a_kernel_is_stopped_all_the_same(
    script: Path, token: str, fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "SECONDS_TO_STOP", 0.3)
    started = Started([sys.executable, str(script), token, "ignores"], dict(os.environ))
    with started.errors:
        assert eventually(lambda: grown(token, "ignores", root=0))
        with nobody_is_seen(fault) as begin:
            begin()
            assert child.stop(started.process) == {"event": "cancelled"}
        started.drop()
    assert eventually(lambda: not alive(token))


@posix
@pytest.mark.parametrize("kind", ALL)
def test_a_change_that_is_stopped_in_a_kernel_leaves_nothing(
    script: Path, token: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is stopped has itself a last word, but not for ever."""
    monkeypatch.setattr(child, "SECONDS_TO_STOP", 0.3)
    started = Started([sys.executable, str(script), token, kind], dict(os.environ))
    with started.errors:
        assert eventually(lambda: grown(token, kind))
        child.stop(started.process)
        started.drop()
    assert eventually(lambda: not alive(token))
