"""Starting, watching and cancelling jobs."""

from __future__ import annotations

import builtins
import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ...errors import JobError, StoreError
from ...kernel.reading import part, private
from ...model.moments import write_seconds
from ...settings import Settings
from ...system import kept
from ...system.files import atomically, make_private
from ...system.scripts import MAIN
from .request import CONTENT, Job, JobRequest, Line, Process, State, Stored
from .traces import KILL, LONGEST_END, detached, end_of, last_event, line_of, process_start, signal_group

JOB_ID = re.compile(r"\d{8}T\d{6}-[a-z2-7]{8}")
LAST: dict[str, State] = {"done": "done", "failed": "failed", "cancelled": "cancelled"}
KEEP = 50
KEEP_SECONDS = 7 * 24 * 3600.0
STOP_STEPS = ((signal.SIGTERM, 1.5), (KILL, 0.4))
"""How a job is asked to stop and then killed, and how many seconds each step has: cancelling takes 2 s at most. A job
that waits for the disk ends as soon as the disk answers."""
STARTING = 10.0
"""Seconds for which a job may have no process: it is just being started."""
STDERR = 4000
UNSEEN = "unseen"
"""A file of a job for a notebook, as long as no page has shown how it ended."""
NOT_INHERITED = ("JUPYTER_ENVS_NOTEBOOK", "JUPYTER_ENVS_CONTEXT", "JPY_SESSION_NAME", "FORCE_COLOR", "CLICOLOR_FORCE")


class Jobs:
    """Every method blocks for the time of some file reads, and `cancel` for up to two seconds."""

    def __init__(self, settings: Settings, entry: Path = MAIN) -> None:
        self._settings = settings
        self._entry = entry
        self._folder = settings.home / "jobs"
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, request: JobRequest) -> Job:
        """Raises UsageError or StoreError; returns while the process runs."""
        arguments = request.arguments()
        started = write_seconds(time.time())
        job_id = f"{re.sub('[-:Z]', '', started)}-{_random()}"
        folder = self._folder / job_id
        try:
            self._sweep()
            make_private(folder)
            atomically(folder / "block.json", json.dumps(request.block).encode())
            if request.content is not None:
                atomically(folder / CONTENT, json.dumps(request.content).encode())
            told = asdict(request) | {"started": started, "block": None, "content": None}
            atomically(folder / "request.json", json.dumps(told).encode())
            if request.notebook or request.kernel:
                (folder / UNSEEN).touch(0o600)
            child = self._spawn(folder, arguments, request.accept)
            # Somebody has to wait for it, or it stays behind as a zombie; it may well outlive this object.
            threading.Thread(target=child.wait, name=f"job {job_id}", daemon=True).start()
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise StoreError("job-start", f"The job could not be started: {error.strerror or error}.") from error
        return Job(job_id, request, "running", started)

    def _spawn(self, folder: Path, arguments: list[str], accept: str | None) -> subprocess.Popen[bytes]:
        """Registered in `_children` at once, since other calls may look while it starts."""
        with (
            (folder / "block.json").open("rb") as stdin,
            open(folder / "journal.jsonl", "xb", opener=private) as stdout,
            open(folder / "stderr.txt", "xb", opener=private) as stderr,
        ):
            child = self._children[folder.name] = subprocess.Popen(
                [sys.executable, str(self._entry), *arguments],
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                cwd=folder,
                env=self._environ(accept),
                **detached(),
            )
        atomically(
            folder / "process.json", json.dumps({"pid": child.pid, "started": process_start(child.pid)}).encode()
        )
        return child

    def _environ(self, accept: str | None) -> dict[str, str]:
        environ = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        environ["JUPYTER_ENVS_HOME"] = str(self._settings.home)
        environ["JUPYTER_ENVS_STORE"] = str(self._settings.store)
        if accept:
            environ["JUPYTER_ENVS_CONSENT"] = accept
        return environ

    def get(self, job_id: str) -> Job:
        """Raises JobError `job-unknown`."""
        folder = self._existing(job_id)
        stored = kept.recalled(folder / "request.json", Stored)
        if stored is None:
            raise _unknown(job_id)
        told, started = stored.request, stored.started
        # In this order: a process that ends between the two looks has written its last line before.
        alive = self._alive(job_id)
        last = last_event(folder / "journal.jsonl")
        state: State = LAST.get(last) or ("running" if alive else "interrupted")
        if state == "running":
            return Job(job_id, told, state, started)
        ended = write_seconds(_changed(folder / "journal.jsonl") or _begun(job_id))
        return Job(job_id, told, state, started, ended, end_of(folder / "stderr.txt", STDERR))

    def list(self) -> tuple[Job, ...]:
        """Newest first."""
        return tuple(self._each())

    def _each(self) -> Iterator[Job]:
        for folder in self._folders():
            with contextlib.suppress(JobError):
                yield self.get(folder.name)

    def follow(self, job_id: str, offset: int = 0) -> tuple[builtins.list[Line], int]:
        """The complete lines of the journal from `offset` (bytes) on, and the offset to continue from. Raises
        JobError."""
        try:
            data = part(self._existing(job_id) / "journal.jsonl", offset, LONGEST_END)
        except OSError:
            return [], offset
        whole = data[: data.rfind(b"\n") + 1]
        return [line for text in whole.splitlines() if (line := line_of(text))], offset + len(whole)

    def unseen(self, job_id: str) -> bool:
        """Whether it is for a notebook, and no page has shown how it ended. Raises JobError."""
        return (self._existing(job_id) / UNSEEN).exists()

    def see(self, job_id: str) -> None:
        """A page has shown how it ended. Raises JobError."""
        (self._existing(job_id) / UNSEEN).unlink(missing_ok=True)

    def block(self, job_id: str) -> dict[str, Any] | None:
        """The block that it was asked to change. Raises JobError."""
        return kept.recalled(self._existing(job_id) / "block.json", dict[str, Any])

    def cancel(self, job_id: str) -> None:
        """Asks, then kills; afterwards the journal's last line says `cancelled`, unless the job was done first."""
        folder = self._existing(job_id)
        for order, patience in STOP_STEPS:
            if not self._alive(job_id):
                break
            if pid := self._pid(job_id):
                signal_group(pid, order)
            deadline = time.monotonic() + patience
            while self._alive(job_id) and time.monotonic() < deadline:
                time.sleep(0.02)
        if last_event(folder / "journal.jsonl") not in LAST:
            with contextlib.suppress(OSError), open(folder / "journal.jsonl", "ab", opener=private) as file:
                # A newline first: the process may have died in the middle of a line.
                file.write(b'\n{"event":"cancelled"}\n')

    def _existing(self, job_id: str) -> Path:
        folder = self._folder / job_id
        if not JOB_ID.fullmatch(job_id) or not folder.is_dir():
            raise _unknown(job_id)
        return folder

    def _folders(self) -> builtins.list[Path]:
        if not self._folder.is_dir():
            return []
        return sorted((f for f in self._folder.iterdir() if JOB_ID.fullmatch(f.name)), reverse=True)

    def _alive(self, job_id: str) -> bool:
        child = self._children.get(job_id)
        if child:
            return child.poll() is None
        try:
            told = kept.stated(self._process(job_id), Process)
        except FileNotFoundError:
            return abs(time.time() - _begun(job_id)) < STARTING
        except kept.Damaged:
            return False
        return told.started is not None and process_start(told.pid) == told.started

    def _pid(self, job_id: str) -> int | None:
        """None while it starts."""
        if child := self._children.get(job_id):
            return child.pid
        told = kept.recalled(self._process(job_id), Process)
        return told.pid if told else None

    def _process(self, job_id: str) -> Path:
        return self._folder / job_id / "process.json"

    def ended_before(self, limit: float, keep: int | None = None) -> Iterator[Path]:
        """Folders of jobs that ended before `limit` (POSIX seconds), or beyond the newest `keep`."""
        for position, folder in enumerate(self._folders()):
            old = (keep is not None and position >= keep) or _changed(folder) < limit
            if old and not self._alive(folder.name):
                yield folder

    def _sweep(self) -> None:
        for folder in self.ended_before(time.time() - KEEP_SECONDS, KEEP - 1):
            shutil.rmtree(folder, ignore_errors=True)
            self._children.pop(folder.name, None)


def _unknown(job_id: str) -> JobError:
    return JobError("job-unknown", f"There is no job {job_id[:60]!r}.")


def _begun(job_id: str) -> float:
    """POSIX seconds, as the id says; 0 where it names no moment."""
    with contextlib.suppress(ValueError):
        return datetime.strptime(job_id[:15], "%Y%m%dT%H%M%S").replace(tzinfo=timezone.utc).timestamp()
    return 0.0


def _changed(path: Path) -> float:
    """POSIX seconds; 0 for what is not there, or no longer."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _random() -> str:
    return "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(8))
