"""Jobs: processes that tell their way in a journal, outlive their starter and can be stopped."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_envs.environments.jobs import Job, JobRequest, Jobs
from jupyter_envs.environments.jobs.jobs import STOP_STEPS
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import JobError, StoreError, UsageError
from jupyter_envs.settings import Settings
from jupyter_envs.system.process import GRACE

from .local_index import LocalIndex

BUSY = 3.0
"""Seconds, where two are allowed: this machine may be busy."""
FAKE = """
import json, os, signal, sys, time
block = json.load(sys.stdin)
def say(**event): print(json.dumps(event), flush=True)
say(event="phase", phase="resolve", text=" ".join(sys.argv[1:]))
word = sys.argv[-1]
if word == "wait":
    signal.signal(signal.SIGTERM, lambda *_: (say(event="cancelled"), sys.exit(130)))
    time.sleep(60)
if word == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print('{"event": "pro', end="", flush=True)
    time.sleep(60)
if word == "vanish":
    print("last words", file=sys.stderr)
    os._exit(9)
if word == "fail":
    say(event="failed", error={"code": "conflict"})
    sys.exit(1)
say(event="done", result={"block": block, "accepted": os.environ.get("JUPYTER_ENVS_CONSENT"),
                          "notebook": os.environ.get("JUPYTER_ENVS_NOTEBOOK"), "cwd": os.getcwd()})
"""


@pytest.fixture
def jobs(settings: Settings, tmp_path: Path) -> Jobs:
    entry = tmp_path / "fake.py"
    entry.write_text(FAKE)
    return Jobs(settings, entry)


def until(holds: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def took(jobs: Jobs, job: Job, since: float) -> float:
    """Seconds from a moment to the last line of the journal."""
    return (jobs._folder / job.id / "journal.jsonl").stat().st_mtime - since


def ended(jobs: Jobs, job: Job) -> Job:
    until(lambda: jobs.get(job.id).state != "running")
    return jobs.get(job.id)


def begun(jobs: Jobs, job: Job) -> None:
    until(lambda: bool(jobs.follow(job.id)[0]))


def test_a_job_tells_its_way_and_its_end(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_ENVS_NOTEBOOK", "/not/this/one.ipynb")
    request = JobRequest(
        "install", ("six",), {"version": 1}, notebook="a.ipynb", kernel="k", place="/x/a.ipynb",
        accept="sha256:1", allow_build=("docopt",),
    )  # fmt: skip
    job = jobs.start(request)
    assert job.state == "running"
    job = ended(jobs, job)
    lines, offset = jobs.follow(job.id)
    assert lines[0]["text"] == "install --block - --journal - --notebook /x/a.ipynb --allow-build docopt six"
    assert lines[-1]["result"]["block"] == {"version": 1}
    assert lines[-1]["result"]["accepted"] == "sha256:1"
    assert lines[-1]["result"]["notebook"] is None
    assert job.state == "done"
    assert (job.request.action, job.request.words, job.request.notebook, job.request.kernel) == (
        "install", ("six",), "a.ipynb", "k",
    )  # fmt: skip
    assert job.ended is not None
    assert job.ended >= job.started
    assert jobs.follow(job.id, offset) == ([], offset)


def test_a_failed_job_is_told_apart(jobs: Jobs) -> None:
    assert ended(jobs, jobs.start(JobRequest("install", ("fail",)))).state == "failed"


def test_a_process_that_is_gone_without_a_word_is_interrupted(jobs: Jobs) -> None:
    job = ended(jobs, jobs.start(JobRequest("install", ("vanish",))))
    assert job.state == "interrupted"
    assert "last words" in job.stderr


def test_whoever_stops_a_job_waits_for_two_seconds_at_most() -> None:
    assert GRACE < sum(seconds for _, seconds in STOP_STEPS) < 2


@pytest.mark.parametrize("word", ["wait", "stubborn"])
def test_a_job_can_be_stopped_and_its_journal_ends_with_that(jobs: Jobs, word: str) -> None:
    job = jobs.start(JobRequest("install", (word,)))
    begun(jobs, job)
    asked = time.time()
    jobs.cancel(job.id)
    assert took(jobs, job, asked) < BUSY
    assert jobs.get(job.id).state == "cancelled"
    assert jobs.follow(job.id)[0][-1] == {"event": "cancelled"}
    jobs.cancel(job.id)
    assert [line["event"] for line in jobs.follow(job.id)[0]].count("cancelled") == 1


def test_a_job_outlives_the_one_who_started_it(jobs: Jobs, settings: Settings) -> None:
    job = jobs.start(JobRequest("install", ("wait",)))
    begun(jobs, job)
    others = Jobs(settings)
    assert [known.id for known in others.list()] == [job.id]
    assert others.get(job.id).state == "running"
    others.cancel(job.id)
    assert others.get(job.id).state == "cancelled"
    assert jobs.get(job.id).state == "cancelled"


def test_a_job_that_is_just_starting_is_running_for_whoever_looks(jobs: Jobs, settings: Settings) -> None:
    seen: set[str] = set()
    over = threading.Event()

    def look() -> None:
        others = Jobs(settings)
        while not over.is_set():
            seen.update(job.state for known in (jobs, others) for job in known.list())

    watcher = threading.Thread(target=look)
    watcher.start()
    started = [jobs.start(JobRequest("install", ("wait",))) for _ in range(6)]
    over.set()
    watcher.join()
    for job in started:
        begun(jobs, job)
        jobs.cancel(job.id)
    assert seen == {"running"}


@pytest.mark.parametrize(("ago", "state"), [(0, "running"), (60, "interrupted")])
def test_a_job_without_a_process_is_starting_or_was_given_up(
    jobs: Jobs, settings: Settings, ago: int, state: str
) -> None:
    at = time.strftime("%Y%m%dT%H%M%S", time.gmtime(time.time() - ago))
    folder = settings.home / "jobs" / f"{at}-aaaaaaaa"
    folder.mkdir(parents=True)
    (folder / "request.json").write_text(
        json.dumps({"action": "lock", "words": [], "allow_build": [], "started": "2026-11-21T09:00:00Z"})
    )
    assert [job.state for job in jobs.list()] == [state]
    jobs.cancel(folder.name)
    assert jobs.get(folder.name).state == "cancelled"


def test_a_job_that_could_not_be_started_leaves_nothing(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/no/such/python")
    with pytest.raises(StoreError, match="could not be started"):
        jobs.start(JobRequest("lock"))
    assert jobs.list() == ()


def test_a_pid_that_is_somebody_elses_by_now_is_left_alone(jobs: Jobs, settings: Settings) -> None:
    job = ended(jobs, jobs.start(JobRequest("install", ("vanish",))))
    file = settings.home / "jobs" / job.id / "process.json"
    file.write_text(json.dumps({"pid": os.getpid(), "started": 1.0}))
    received: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: received.append(number))
    try:
        Jobs(settings).cancel(job.id)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert received == []


def test_what_is_no_job_is_refused(jobs: Jobs) -> None:
    for name in ("", "..", "../../etc", "20261121T090000-aaaaaaaa", "x" * 300):
        with pytest.raises(JobError):
            jobs.get(name)
        with pytest.raises(JobError):
            jobs.follow(name)


def test_options_never_get_into_a_job(jobs: Jobs) -> None:
    for request in (
        JobRequest("install", ("--accept",)),
        JobRequest("install", (), allow_build=("-x",)),
        JobRequest("-c"),
    ):
        with pytest.raises(UsageError):
            jobs.start(request)
    assert jobs.list() == ()


def test_old_jobs_go_and_running_ones_stay(jobs: Jobs, settings: Settings) -> None:
    running = jobs.start(JobRequest("install", ("wait",)))
    begun(jobs, running)
    folder = settings.home / "jobs"
    for i in range(60):
        old = folder / f"20200101T0000{i:02}-aaaaaaaa"
        old.mkdir()
        (old / "request.json").write_text("{}")
    week = time.time() - 8 * 24 * 3600
    os.utime(folder / running.id, (week, week))
    os.utime(folder / "20200101T000059-aaaaaaaa", (week, week))
    last = jobs.start(JobRequest("install", ("six",)))
    names = {path.name for path in folder.iterdir()}
    assert {running.id, last.id} <= names
    assert "20200101T000059-aaaaaaaa" not in names
    assert len(names) <= 50
    jobs.cancel(running.id)
    ended(jobs, last)


def test_the_real_command_line_does_a_job(settings: Settings, index: LocalIndex, environments: Environments) -> None:
    jobs = Jobs(settings)
    job = ended(jobs, jobs.start(JobRequest("install", ("demo<2",))))
    lines, _ = jobs.follow(job.id)
    assert job.state == "done", job.stderr + str(lines[-1])
    result = lines[-1]["result"]
    assert result["block"]["dependencies"] == ["demo<2"]
    assert Path(result["environment"]["python"]).exists()
    assert {"phase", "plan", "done"} <= {line["event"] for line in lines}
    failed = ended(jobs, jobs.start(JobRequest("install", ("no-such-thing",), result["block"])))
    assert failed.state == "failed"
    assert jobs.follow(failed.id)[0][-1]["error"]["code"] == "no-such-package"
