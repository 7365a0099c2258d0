"""Leases: held by a process and by nobody else, exact where there is flock and kept alive by touching where not."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from jupyter_envs.kernel import leases
from jupyter_envs.system import leases as lease_room
from jupyter_envs.system.leases import HeldTooLong, Lease, alone, exclusive, hold, is_held, last_use, works

from .leasing import taken, used_a_day_ago

flock_only = pytest.mark.skipif(sys.platform == "win32", reason="there is no flock")
HOLD = """
import os, sys
sys.path.insert(0, {root!r})
from jupyter_envs.system.leases import hold
lease = hold({path!r})
print("held", flush=True)
{then}
sys.stdin.read()
"""
SLEEP = ["sh", "-c", "echo up; exec sleep 600"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return used_a_day_ago(tmp_path)


def holder(path: Path, then: str = "") -> subprocess.Popen[str]:
    root = str(Path(leases.__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD.format(root=root, path=str(path), then=then)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout and process.stdout.readline() == "held\n"
    return process


@flock_only
def test_it_is_held_until_it_is_closed_by_any_number(path: Path) -> None:
    assert not is_held(path)
    with taken(path) as first, taken(path):
        assert first.exact and is_held(path)
        first.close()
        assert is_held(path)
    assert not is_held(path)


def test_holding_says_that_it_was_used(path: Path) -> None:
    with taken(path):
        used = last_use(path)
        assert used and time.time() - used < 60


def test_what_is_not_there_cannot_be_held(tmp_path: Path) -> None:
    assert hold(tmp_path / "no") is None and not is_held(tmp_path / "no") and last_use(tmp_path / "no") is None


@flock_only
def test_it_ends_with_its_process_however_that_ends(path: Path) -> None:
    with holder(path) as process:
        assert is_held(path)
        process.kill()
        process.wait()
        assert not is_held(path)


@flock_only
def test_nobody_gets_one_while_somebody_has_it_for_himself(path: Path) -> None:
    with exclusive(path) as claim:
        assert claim and claim.still()
        assert hold(path, patience=0) is None
        with exclusive(path) as other:
            assert not other
    assert hold(path)


@flock_only
def test_a_look_does_not_keep_anybody_from_holding_it(path: Path) -> None:
    """It is exclusive for a moment; whoever comes in that moment waits it out."""
    done = threading.Event()
    looker = threading.Thread(target=lambda: [is_held(path) for _ in iter(done.is_set, True)])
    looker.start()
    try:
        for _ in range(300):
            taken(path).close()
    finally:
        done.set()
        looker.join()


@flock_only
def test_what_was_taken_away_while_one_waited_is_not_held(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file was opened before the folder went, and locked after."""
    original = leases.lock

    def lock_after_removal(fd: int, *, exclusive: bool) -> bool | None:
        path.unlink(missing_ok=True)
        return original(fd, exclusive=exclusive)

    monkeypatch.setattr(leases, "lock", lock_after_removal)
    assert hold(path) is None


@flock_only
@pytest.mark.parametrize("when", ["while it is held", "before it is opened"])
def test_who_waits_for_a_lock_that_is_swept_makes_a_new_one(
    path: Path, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """gc takes away what looks unused; whoever comes after that must not find the door open."""
    inside, leave = threading.Event(), threading.Event()

    def enter() -> None:
        with alone(path, 60):
            inside.set()
            assert leave.wait(60)

    original = lease_room._opened
    swept = [] if when == "before it is opened" else ["done below"]

    def opened(place: Path) -> int | None:
        if not swept:
            swept.append("here")
            place.unlink()
        return original(place)

    monkeypatch.setattr(lease_room, "_opened", opened)
    waiter = threading.Thread(target=enter)
    with exclusive(path) as sweeper:
        assert sweeper
        waiter.start()
        if when == "while it is held":
            path.unlink()
    try:
        assert inside.wait(60)
        with pytest.raises(HeldTooLong) as caught, alone(path, 0):
            pytest.fail("two are alone")
        assert caught.value.path == path
    finally:
        leave.set()
        waiter.join()


@flock_only
@pytest.mark.parametrize(
    "then",
    [
        f"import subprocess; subprocess.Popen({SLEEP}, start_new_session=True)",
        f"import subprocess; subprocess.Popen({SLEEP}, close_fds=False, start_new_session=True)",
        f"os.posix_spawnp('sh', {SLEEP}, os.environ)",
        "if os.fork() == 0:\n    import signal; print('up', flush=True); signal.pause()",
        "import pty; out = os.dup(1)\nif pty.fork()[0] == 0:\n    import signal; os.write(out, b'up\\n'); signal.pause()",
    ],
    ids=["subprocess", "all descriptors", "posix_spawn", "fork", "forkpty"],
)
def test_no_child_keeps_it(path: Path, then: str) -> None:
    import psutil

    with holder(path, then) as process:
        assert process.stdout and process.stdout.readline() == "up\n"
        children = psutil.Process(process.pid).children(recursive=True)
        assert children and is_held(path)
        process.kill()
        process.wait()
        try:
            assert not is_held(path)
            assert all(child.is_running() for child in children)
        finally:
            for child in children:
                child.kill()


def wait_for(up: threading.Event, over: threading.Event) -> None:
    up.set()
    over.wait()


@flock_only
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_no_worker_of_multiprocessing_keeps_it(path: Path, method: str) -> None:
    context = multiprocessing.get_context(method)
    up, over = context.Event(), context.Event()
    lease = taken(path)
    worker = context.Process(target=wait_for, args=(up, over))
    worker.start()
    try:
        assert up.wait(60)
        lease.close()
        assert worker.is_alive() and not is_held(path)
    finally:
        over.set()
        worker.join()


@flock_only
def test_the_process_that_it_is_handed_to_has_it_when_we_close_ours(path: Path) -> None:
    with taken(path) as lease:
        child = subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, pass_fds=lease.pass_fds(),
            preexec_fn=os.getpid,  # it makes Python run what is registered for forks
        )  # fmt: skip
    with child:
        assert is_held(path)
        child.kill()
    assert not is_held(path)


@flock_only
def test_a_number_that_names_something_else_is_not_taken(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.touch()
    with other.open() as file:
        os.set_inheritable(file.fileno(), True)
        for number in (str(file.fileno()), "", "x", "-1", "999999"):
            lease = leases.adopt(str(path), number)
            assert lease and lease.fd != file.fileno() and is_held(path)
            lease.close()
        assert os.get_inheritable(file.fileno())


@flock_only
def test_it_is_the_only_one_that_is_left_of_those_that_nobody_closed(path: Path) -> None:
    taken(path)
    assert not is_held(path), "what is dropped is closed"


def test_a_lease_on_what_nobody_takes_away() -> None:
    with Lease.none() as lease:
        lease.touch()
        assert lease.pass_fds() == ()


def test_whether_it_works_here(tmp_path: Path) -> None:
    assert works(tmp_path) is (sys.platform != "win32")
    assert list(tmp_path.iterdir()) == []
