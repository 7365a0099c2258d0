"""The context file of a kernel has three writers: the kernel (and `!pip` in a child of it), the server, and whoever
starts it again. None takes back what another has said."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
import typing
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

import jupyter_envs
from jupyter_envs.engines.local_folders import LocalSources
from jupyter_envs.environments.status import Unseen
from jupyter_envs.errors import StoreError
from jupyter_envs.kernel import leases, writing
from jupyter_envs.kernel.context import KINDS, Context, update
from jupyter_envs.kernel.pending import drop_pending, leave_pending, pending_file, take_pending
from jupyter_envs.kernel.reading import read
from jupyter_envs.kernel.writing import one_at_a_time
from jupyter_envs.launch.decision import KernelStart, decide, launch_standin
from jupyter_envs.launch.launch import Launch, keep
from jupyter_envs.model.block import Block
from jupyter_envs.server import kernels
from jupyter_envs.server.kernels import RunningKernels
from jupyter_envs.settings import Settings
from jupyter_envs.system.os_errors import explain_os_error

ROOT = Path(jupyter_envs.__file__).parent.parent
KERNEL = "1f0e5c52-4b0f-4f0c-9d0f-6a5d0f3c2b1a"
ROUNDS = 300
AS_KERNEL = """
import sys
from jupyter_envs.kernel.context import Context
context, lost = Context.load(sys.argv[1]), 0
for n in range(int(sys.argv[2])):
    context.adopt(environment={"id": str(n)})
    context.refresh()
    lost += context.environment != {"id": str(n)}
print(lost)
"""
AS_SERVER = """
import sys
from pathlib import Path
from jupyter_envs.model.block import Block
from jupyter_envs.server.kernels import RunningKernels
path, lost = Path(sys.argv[1]), 0
running = RunningKernels(path.parent.parent, {path.stem}, None)
for n in range(int(sys.argv[2])):
    block = Block(version=1, dependencies=(f"demo=={n}",))
    running.set_block(path.stem, block)
    lost += running.read(path.stem).block != block.to_dict()
print(lost)
"""
AS_STARTER = """
import sys
from pathlib import Path
from jupyter_envs.launch.decision import KernelStart, decide
from jupyter_envs.launch.launch import keep
from jupyter_envs.settings import Settings
settings, kernel, lost = Settings.load(), Path(sys.argv[1]).stem, 0
for n in range(int(sys.argv[2]) // 6):
    launch = decide(KernelStart(kernel, None, again=True), settings)
    keep(launch, settings)
print(lost)
"""
HOLDER = """
import sys, time
from jupyter_envs.kernel.writing import one_at_a_time
with one_at_a_time(sys.argv[1]):
    print("held", flush=True)
    time.sleep(600)
"""
posix = pytest.mark.skipif(sys.platform == "win32", reason="pipes, links and signals of POSIX")
WITHOUT_LOCKS = """
import errno, fcntl
def flock(*_):
    raise OSError(errno.ENOSYS, "as on some network file systems")
fcntl.flock = flock
"""


@pytest.fixture
def file(home: Path) -> Path:
    path = home / "kernels" / f"{KERNEL}.json"
    path.parent.mkdir(mode=0o700)
    path.write_text(json.dumps({"version": 1, "kernel": KERNEL, "note": "stays"}))
    path.chmod(0o600)
    return path


def at_once(file: Path, *programs: str) -> list[int]:
    """How many updates each of these processes saw go."""
    with ExitStack() as stack:
        running: list[subprocess.Popen[str]] = []
        for program in programs:
            argv = [sys.executable, "-c", program, str(file), str(ROUNDS)]
            running.append(stack.enter_context(subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True)))
        return [int(process.communicate(timeout=120)[0]) for process in running]


@pytest.mark.parametrize("before", ["", WITHOUT_LOCKS], ids=["with locks", "without locks"])
def test_of_two_processes_that_write_at_once_no_update_is_lost(file: Path, before: str) -> None:
    if before and sys.platform == "win32":
        pytest.skip("there is no flock to take away")
    assert at_once(file, before + AS_KERNEL, before + AS_SERVER) == [0, 0]
    said = json.loads(file.read_bytes())
    assert said["environment"] == {"id": str(ROUNDS - 1)} and said["note"] == "stays"
    assert said["block"]["dependencies"] == [f"demo=={ROUNDS - 1}"]
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_nor_while_the_kernel_is_started_again(file: Path, environments: object) -> None:
    """A restart takes the block that it has seen; what the document says meanwhile is the next one's."""
    assert at_once(file, AS_SERVER, AS_STARTER) == [0, 0]
    said = json.loads(file.read_bytes())
    assert said["block"]["dependencies"] == [f"demo=={ROUNDS - 1}"] and said.keys() == KINDS.keys()
    assert [path.name for path in file.parent.iterdir()] == [file.name]


# -- whoever has the file for himself, and is killed or stands still ---------------------------------------------


def holder(file: Path, before: str = "") -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", before + HOLDER, str(file)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout and process.stdout.readline() == "held\n"
    return process


@posix
def test_a_writer_that_was_killed_is_in_nobodys_way(file: Path) -> None:
    with holder(file) as process:
        process.kill()
    began = time.monotonic()
    with one_at_a_time(file) as exact:
        assert exact
    assert time.monotonic() - began < writing.WRITE_TIMEOUT / 2
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_nor_for_long_where_nothing_can_be_locked(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with holder(file, "from jupyter_envs.kernel import leases\nleases.fcntl = None\n") as process:
        process.kill()
    monkeypatch.setattr(leases, "fcntl", None)
    with one_at_a_time(file, patience=0.2) as exact:
        assert exact
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@posix
def test_one_that_stands_still_is_not_waited_for_without_end(file: Path) -> None:
    with holder(file) as process:
        os.kill(process.pid, signal.SIGSTOP)
        update(str(file), note="new")
        with one_at_a_time(file, patience=0.1) as exact:
            assert not exact
        process.kill()
    assert Context.load(str(file)).note == "new"


@posix
@pytest.mark.parametrize("what", ["the document's block", "a block that waits", "a folder"])
def test_but_nothing_of_the_users_is_lost_to_one_that_stands_still(file: Path, home: Path, what: str) -> None:
    """It may go on, and write what it has read before."""
    path, running = pending_file(str(home), "/a.ipynb"), RunningKernels(home, {KERNEL}, None)  # type: ignore[arg-type]
    block = Block(version=1, dependencies=("demo",))
    doors: dict[str, tuple[Path, Callable[[], object]]] = {
        "the document's block": (file, lambda: running.set_block(KERNEL, block)),
        "a block that waits": (Path(path), lambda: leave_pending(str(home), "/a.ipynb", None, block.to_dict())),
        "a folder": (home / "local.json", lambda: LocalSources(home).remember(home, editable=False)),
    }
    place, change = doors[what]
    change()
    before, block = place.read_bytes(), Block(version=1, dependencies=("other",))
    with holder(place) as process:
        os.kill(process.pid, signal.SIGSTOP)
        with pytest.raises((StoreError, writing.Busy), match=r"Another process .* too long") as caught:
            change()
        process.kill()
    error = caught.value if isinstance(caught.value, StoreError) else explain_os_error(caught.value)
    assert (error.code, error.hint) == ("store-busy", "Try again later.")
    assert place.read_bytes() == before
    change()


@posix
def test_nor_does_a_kernel_start_later_than_it_must(file: Path) -> None:
    launch = decide(KernelStart(KERNEL, None), Settings.load())
    with holder(file) as process:
        os.kill(process.pid, signal.SIGSTOP)
        began = time.monotonic()
        keep(launch, Settings.load())
        assert time.monotonic() - began < writing.WRITE_TIMEOUT / 2
        process.kill()


@pytest.mark.parametrize("times", [3, 10**9], ids=["for a moment", "for ever"])
def test_a_lock_that_is_just_being_deleted_is_somebody_elses(
    file: Path, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, which says the same of a folder in which nobody may write."""
    real, refusals = os.open, itertools.count()

    def refusing(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if str(path).endswith(writing.ENDING) and flags & os.O_EXCL and next(refusals) < times:
            raise PermissionError(13, "Permission denied", path)
        return real(path, flags, *more, **named)

    monkeypatch.setattr(writing, "WINDOWS", True)
    monkeypatch.setattr(os, "open", refusing)
    with one_at_a_time(file, patience=0.2, for_certain=True) as exact:
        assert exact == (times == 3)
    assert next(refusals) > 3


@posix
@pytest.mark.parametrize("what", ["folder", "full folder", "fifo", "dangling link", "loop", "link", "unreadable file"])
def test_whatever_lies_in_the_place_of_the_lock_is_in_nobodys_way(file: Path, what: str) -> None:
    lock = file.with_name(f".{file.name}{writing.ENDING}")
    match what:
        case "folder":
            lock.mkdir()
        case "full folder":
            (lock / "x").mkdir(parents=True)
        case "fifo":
            os.mkfifo(lock)
        case "dangling link":
            lock.symlink_to("nowhere")
        case "loop":
            lock.symlink_to(lock)
        case "link":
            lock.symlink_to(file)
        case _:
            lock.touch(mode=0o000)
    began = time.monotonic()
    update(str(file), base=True)
    assert Context.load(str(file)).base and time.monotonic() - began < writing.WRITE_TIMEOUT / 2
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_in_a_folder_that_is_not_there_nobody_waits(tmp_path: Path) -> None:
    with one_at_a_time(tmp_path / "gone" / "a.json") as exact:
        assert not exact


@posix
def test_a_lock_that_a_child_of_this_process_inherits_is_in_nobodys_way(file: Path) -> None:
    with one_at_a_time(file):
        child = os.fork()
        if child == 0:
            time.sleep(600)
            os._exit(0)
    try:
        with one_at_a_time(file, patience=0.1) as exact:
            assert exact
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_file_that_somebody_has_open_for_a_moment_is_written_then(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows."""

    class InUse(PermissionError):
        winerror = 32

    real, refused = os.replace, [InUse(), InUse()]

    def replace(source: str, target: str) -> None:
        if refused:
            raise refused.pop()
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    update(str(file), note="new")
    assert Context.load(str(file)).note == "new" and not refused


# -- what the file says ------------------------------------------------------------------------------------------


def test_whoever_starts_a_kernel_writes_what_the_kernel_and_the_server_read() -> None:
    written = Launch(KERNEL, status=Unseen("looking", "Wait."), language_info={}, block={}, environment={}).context()
    assert written.keys() == KINDS.keys()
    assert all(value is None or isinstance(value, KINDS[key]) for key, value in written.items())
    for key, hint in typing.get_type_hints(kernels.KernelFile).items():
        if key in kernels.KernelFile.__struct_fields__:
            assert KINDS[key] in (hint, *(typing.get_origin(part) or part for part in typing.get_args(hint))), key
    assert msgspec.convert(written, kernels.KernelFile).status == {
        "state": "looking",
        "sentence": "Wait.",
        "error": None,
    }


def test_all_writers_say_it_in_the_same_bytes(file: Path) -> None:
    """Also a path that is not UTF-8, and what is not English."""
    launch = Launch(
        KERNEL, Path(os.fsdecode(b"/n\xffb/\xc3\xa9.ipynb")), note="\u2026", status=Unseen("looking", "Wait.")
    )
    keep(launch, Settings.load())
    by_starter = file.read_bytes()
    update(str(file))
    assert file.read_bytes() == by_starter and read(str(file)) == launch.context()
    Context.load(str(file)).adopt(note="\u2026")
    assert file.read_bytes() == by_starter
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("late", [False, True], ids=["in time", "too late"])
def test_a_block_that_comes_while_a_restart_is_decided_on_is_the_next_ones(
    file: Path, environments: object, late: bool
) -> None:
    """The server was told of another block after the one that this start takes was read."""
    settings = Settings.load()
    update(str(file), block={"version": 1}, standin=False)
    launch = (
        launch_standin(KernelStart(KERNEL, None, again=True), settings)
        if late
        else decide(KernelStart(KERNEL, None, again=True), settings)
    )
    newer = {"version": 1, "dependencies": ["demo"]}
    update(str(file), block=newer)
    keep(launch, settings)
    assert launch.block == {"version": 1} and read(str(file))["block"] == newer
    keep(decide(KernelStart(KERNEL, None, again=True), settings), settings)
    assert read(str(file))["block"] == newer


def test_a_kernel_that_starts_for_the_first_time_takes_nothing_of_an_older_one(file: Path) -> None:
    update(str(file), block={"version": 1})
    keep(decide(KernelStart(KERNEL, None), Settings.load()), Settings.load())
    said = read(str(file))
    assert said["block"] is None and said["note"] == ""


def test_a_change_that_was_made_from_something_else_waits_behind_the_next(home: Path) -> None:
    """Where nobody can be told what it would replace."""
    first, second, third = ({"version": 1, "dependencies": [name]} for name in ("demo", "six", "shout"))
    path = pending_file(str(home), "/a.ipynb")
    leave_pending(str(home), "/a.ipynb", None, first)
    assert leave_pending(str(home), "/a.ipynb", None, second, keep=True) == ["demo"]
    leave_pending(str(home), "/a.ipynb", second, third)
    drop_pending(path, third)
    assert (read(path)["block"], read(path)["before"]) == (first, None)
    assert take_pending(str(home), "/a.ipynb", None) == first and not Path(path).exists()
    assert leave_pending(str(home), "/a.ipynb", None, first, keep=True) is None
    both = {**first, "dependencies": ["demo", "six"]}
    assert leave_pending(str(home), "/a.ipynb", {"version": 1}, both, keep=True) is None
    assert "behind" not in read(path), "it contains what that one had added"


def locked(*packages: str, python: str = "3.12", **more: object) -> dict[str, Any]:
    """`packages`: `name==version`, all of them declared."""
    rows = [dict(zip(("name", "version"), text.split("=="), strict=True)) for text in packages]
    lock = {"spec": f"sha256:{packages}", "requires-python": f"=={python}.*", "packages": rows}
    return {"version": 1, "dependencies": [row["name"] for row in rows], "lock": lock, **more}


OLD, JOB = locked("demo==1.0", "six==1.0"), locked("demo==1.0", "six==1.0", "rich==1.0")
WITHOUT_WORDS = {
    "an upgrade": locked("demo==2.0", "six==1.0"),
    "a removal": locked("demo==1.0"),
    "another Python": locked("demo==1.0", "six==1.0", python="3.13"),
    "an index": {**OLD, "indexes": {"pypi": ["https://pypi.org/simple"]}},
}


@pytest.mark.parametrize("what", WITHOUT_WORDS)
def test_a_change_that_added_no_package_waits_behind_the_next_as_well(home: Path, what: str) -> None:
    path, waiting = pending_file(str(home), "/a.ipynb"), WITHOUT_WORDS[what]
    leave_pending(str(home), "/a.ipynb", OLD, waiting)
    assert leave_pending(str(home), "/a.ipynb", OLD, JOB, keep=True) == []
    drop_pending(path, JOB)
    assert (read(path)["block"], read(path)["before"]) == (waiting, OLD)


def test_a_change_that_the_next_one_has_made_too_does_not_wait(home: Path) -> None:
    """However each came about."""
    upgraded = {**WITHOUT_WORDS["an upgrade"], "history": [{"at": "2026-11-30T12:00:00Z", "did": "upgrade"}]}
    leave_pending(str(home), "/a.ipynb", OLD, upgraded)
    more = locked("demo==2.0", "six==1.0", "rich==1.0")
    assert leave_pending(str(home), "/a.ipynb", OLD, more, keep=True) is None
    assert "behind" not in read(pending_file(str(home), "/a.ipynb"))


def test_a_change_that_comes_while_another_is_recorded_goes_on_waiting(home: Path) -> None:
    first, second = {"version": 1}, {"version": 1, "dependencies": ["demo"]}
    path = pending_file(str(home), "/a.ipynb")
    leave_pending(str(home), "/a.ipynb", None, first)
    leave_pending(str(home), "/a.ipynb", first, second)
    drop_pending(path, first)
    assert read(path)["block"] == second and read(path)["before"] is None
    drop_pending(path, second)
    assert list((home / "pending").iterdir()) == []
    drop_pending(path, second)
