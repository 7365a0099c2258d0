"""Many at once: builders of the same and of overlapping environments, and gc against whatever starts and builds."""

from __future__ import annotations

import math
import random
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from jupyter_envs.machine.interpreters import Interpreter
from jupyter_envs.model.closure import Closure
from jupyter_envs.settings import Settings
from jupyter_envs.store import Environment, Store
from jupyter_envs.store.gc import collect

from ..fakes import HERE
from ..local_index import LocalIndex
from .conftest import Rounds
from .scene import Bringer, approved, closure, dists, problems, rows_of, strays, works
from .workers import Worker, rows, together

FRUITS = ("apple", "cherry", "fig", "lemon", "olive", "peach", "pear", "plum")


def generations(settings: Settings) -> dict[str, int]:
    """How often each wheel lies in the store."""
    root = settings.store / "v1" / "w"
    return {key.name: sum(1 for path in key.iterdir() if path.is_dir()) for key in root.iterdir()}


@pytest.mark.parametrize("count", [2, 5, 8])
def test_builders_of_one_environment_make_it_once(settings: Settings, count: int) -> None:
    names = FRUITS[:3]
    with together([Worker("build", names=names) for _ in range(count)]) as workers:
        found = [worker.result() for worker in workers]
    assert {one["prefix"] for one in found} == {str(environment.prefix) for environment in Store(settings).list()}
    assert sorted(name for one in found for name in one["brought"]) == sorted(names)
    assert problems(settings) == [] == strays(settings)


@pytest.mark.parametrize("count", [3, 8])
def test_builders_of_overlapping_environments_unpack_each_wheel_once(settings: Settings, count: int) -> None:
    sets = [tuple(FRUITS[(number + step) % 8] for step in range(4)) for number in range(count)]
    with together([Worker("build", names=names) for names in sets]) as workers:
        found = [worker.result() for worker in workers]
    assert Counter(name for one in found for name in one["brought"]) == dict.fromkeys(
        {n for names in sets for n in names}, 1
    )
    assert set(generations(settings).values()) == {1}
    assert len(Store(settings).list()) == count
    assert problems(settings) == [] == strays(settings)


def test_uv_builds_for_eight_at_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    wheels = dists(10, 6)
    values = [Closure(HERE, rows_of(wheels[number % 4 : number % 4 + 6])) for number in range(8)]
    with LocalIndex(wheels) as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
        with together([Worker("build", rows=rows(value)) for value in values]) as workers:
            found = [worker.result() for worker in workers]
    assert len({one["prefix"] for one in found}) == 4 == len(Store(settings).list())
    assert set(generations(settings).values()) == {1}
    assert problems(settings) == [] == strays(settings)
    assert [works(environment) for environment in Store(settings).list()] == [""] * 4


def test_locks_of_what_is_gone_go_too(settings: Settings) -> None:
    store = Store(settings)
    stays, goes = (store.ensure(approved(settings, closure(name)), Bringer()) for name in FRUITS[:2])
    with store.own.alone(closure(FRUITS[2]).id):  # somebody is about to build it
        before = locks(settings)
        collect(store, {stays.id: math.inf}, older_than=0, dry_run=True)
        assert locks(settings) == before
        collect(store, {stays.id: math.inf}, older_than=0)
        (wheel,) = stays.wheels
        assert locks(settings) == {stays.id, wheel.partition("/")[0], closure(FRUITS[2]).id}
    assert store.list() == [stays] and store.ensure(approved(settings, closure(FRUITS[1])), Bringer()).id == goes.id


def locks(settings: Settings) -> set[str]:
    """Of single environments and wheels."""
    return {path.name for path in (settings.store / "v1" / "locks").iterdir() if len(path.name) in (16, 26)}


@pytest.mark.timeout(1800)
def test_gc_against_starters_and_builders(
    settings: Settings, tmp_path: Path, unstartable: Interpreter, rounds: Rounds
) -> None:
    """Everything that is not in use is taken away, all the time; whoever starts finds all that he needs."""
    sets = [FRUITS[:2], FRUITS[1:4], FRUITS[2:6]]
    processes, times = 25, rounds(1000, 10_000) // 25
    job = {"sets": sets, "times": times, "busy": 0.02, "python": str(unstartable.path)}
    done = tmp_path / "done"
    sweepers = [Worker("sweep", until=str(done), pause=0.002) for _ in range(2)]
    with together([*sweepers, *(Worker("start", **job) for _ in range(processes))]) as workers:
        starters = [worker.result(1500) for worker in workers[2:]]
        done.touch()
        swept = [worker.result() for worker in workers[:2]]
    assert [broken for one in starters for broken in one["broken"]] == []
    assert sum(one["started"] for one in starters) == processes * times
    assert sum(one["gone"] for one in swept), "gc has had something to do"
    assert sum(one["built"] for one in starters) > 1, "and so had builders"
    assert problems(settings) == []
    collect(Store(settings), {}, older_than=math.inf)
    assert strays(settings) == []


KERNEL = "import sys; sys.stdin.read(); import {names}; print(sys.prefix)"


@pytest.mark.timeout(1800)
def test_gc_takes_nothing_from_under_running_kernels(settings: Settings, rounds: Rounds) -> None:
    """They import only at the end, long after whoever started them has let go of everything."""
    values = [closure(*FRUITS[number : number + 2]) for number in range(3)]
    with ExitStack() as stack, collecting(settings) as again:
        kernels = [stack.enter_context(_kernel(settings, random.choice(values))) for _ in range(rounds(50, 200))]
        again(5)
        for environment, process in kernels:
            out, complaint = process.communicate()
            assert (process.returncode, out.strip()) == (0, str(environment.prefix)), complaint
        again(2)
    assert Store(settings).list() == [], "what nothing runs from any more is gone"
    assert strays(settings) == []


@contextmanager
def _kernel(settings: Settings, value: Closure) -> Iterator[tuple[Environment, subprocess.Popen[str]]]:
    store = Store(settings)
    while (held := store.hold(value.id)) is None:
        store.ensure(approved(settings, value), Bringer())
    environment, lease = held
    words = [environment.python, "-I", "-c", KERNEL.format(names=", ".join(environment.packages))]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, text=True, pass_fds=lease.pass_fds()) as process:
        lease.close()
        yield environment, process


@contextmanager
def collecting(settings: Settings) -> Iterator[Callable[[int], None]]:
    """gc, again and again, of all that is not in use. Gives a function that waits for so many whole rounds."""
    over, turn, count = threading.Event(), threading.Condition(), [0]

    def run() -> None:
        while not over.is_set():
            collect(Store(settings), {}, older_than=0)
            with turn:
                count[0] += 1
                turn.notify_all()
            over.wait(0.01)

    def wait(times: int) -> None:
        with turn:
            wanted = count[0] + times + 1
            assert turn.wait_for(lambda: count[0] >= wanted, 60)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield wait
    finally:
        over.set()
        thread.join()
