"""The server's view of jobs: watches their journals, and reports them by REST and events."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tornado.ioloop import PeriodicCallback

from ..environments.jobs import Job, JobRequest, Jobs
from ..errors import JobError
from ..wire.errors import Problem
from ..wire.jobs import KINDS, AnyJob
from ..wire.jobs import Job as ChangeJob
from ..wire.notebooks import Waiting
from ..wire.values import as_written
from .events import Announcer
from .journal import JournalSummary, fold
from .unseen import Unseen

INTERVAL = 250
"""Milliseconds between two looks at the journals of running jobs."""

Active = Callable[[str | None], None]
"""Called while a job runs, with the kernel that it is for."""
Ended = Callable[[AnyJob], None]
"""Called with a job when it has ended."""


@dataclass
class _Watched:
    """`offset`: bytes of the journal that have been announced."""

    job: Job
    offset: int = 0


class JobBoard:
    """`list`, `get`, `of`, `waiting`, `before` and `see` read files and must run in a thread; everything else runs on
    the event loop."""

    def __init__(self, jobs: Jobs, announcer: Announcer, active: Active, ended: Ended) -> None:
        self._jobs = jobs
        self._announcer = announcer
        self._active = active
        self._ended = ended
        self._running: dict[str, _Watched] = {}
        self._past: dict[str, AnyJob] = {}
        self._unseen = Unseen(jobs)
        self._looking = False
        self._clock = PeriodicCallback(self.look, INTERVAL)

    @property
    def running(self) -> frozenset[str]:
        return frozenset(self._running)

    async def start(self, request: JobRequest) -> AnyJob:
        """Raises UsageError or StoreError."""
        job = await asyncio.to_thread(self._jobs.start, request)
        self._watch(job)
        await asyncio.to_thread(self._unseen.add, job.id, request)
        return render_job(job, JournalSummary())

    async def resume(self) -> None:
        """Jobs of an earlier server that are still running, or whose end no page has shown."""
        for job in await asyncio.to_thread(self._jobs.list):
            if job.state == "running":
                self._watch(job)
            await asyncio.to_thread(self._unseen.add, job.id, job.request)

    async def cancel(self, job_id: str) -> None:
        """Raises JobError for an unknown job. A job that has ended does not change."""
        await asyncio.to_thread(self._jobs.get, job_id)
        await asyncio.to_thread(self._jobs.cancel, job_id)
        await self.look()

    def stop(self) -> None:
        """Jobs outlive the server; the next server resumes them."""
        self._clock.stop()

    def list(self) -> builtins.list[AnyJob]:
        """Newest first."""
        told = [self._told(job) for job in self._jobs.list()]
        listed = {job.id for job in told}
        for gone in [job_id for job_id in self._past.copy() if job_id not in listed]:
            self._past.pop(gone, None)
        return told

    def get(self, job_id: str) -> AnyJob:
        """Raises JobError."""
        return self._told(self._jobs.get(job_id))

    def of(self, kernel_id: str | None, notebook: str | None) -> ChangeJob | None:
        """The newest change or build that is running for this kernel or this notebook (API path)."""
        wanted = {name for name in (kernel_id, notebook) if name}
        return self._newest(lambda request: bool(wanted & {request.kernel, request.notebook}))

    def waiting(self, kernel_id: str | None, notebook: str | None) -> Waiting | None:
        """The oldest change or build for this kernel or this notebook that has ended, if no page has shown it."""
        for job_id in self._unseen.of(kernel_id, notebook):
            with contextlib.suppress(JobError):  # somebody cleaned the folder
                job = self.get(job_id)
                if job.state != "running" and isinstance(job, ChangeJob):
                    return Waiting(job, self.before(job_id))
        return None

    def before(self, job_id: str) -> dict[str, Any] | None:
        """The block that it was asked to change. Raises JobError."""
        return self._jobs.block(job_id)

    def see(self, job_id: str) -> None:
        """A page has shown how it ended. Raises JobError."""
        self._unseen.see(job_id)

    def of_base(self) -> ChangeJob | None:
        """The job that builds the base environment, while it runs."""
        return self._newest(lambda request: (request.action, request.notebook, request.kernel) == ("build", None, None))

    def _newest(self, wanted: Callable[[JobRequest], bool]) -> ChangeJob | None:
        running = [(job_id, watched.job.request) for job_id, watched in self._running.copy().items()]
        ids = [job_id for job_id, request in running if request.action not in KINDS and wanted(request)]
        told = self.get(max(ids)) if ids else None
        assert told is None or isinstance(told, ChangeJob)
        return told

    def _told(self, job: Job) -> AnyJob:
        if job.id in self._past:
            return self._past[job.id]
        told = render_job(job, fold(self._jobs.follow(job.id)[0]))
        # Not `interrupted`: that is what it looked like, and the journal may still come to say otherwise.
        if told.state in ("done", "failed", "cancelled"):
            self._past[job.id] = told
        return told

    def _watch(self, job: Job) -> None:
        self._running[job.id] = _Watched(job)
        self._active(job.request.kernel)
        self._announcer.say("job", job.id, "running")
        if not self._clock.is_running():
            self._clock.start()

    async def look(self) -> None:
        """One round over the running jobs; a slow round does not run twice at the same time."""
        if self._looking:
            return
        self._looking = True
        try:
            for watched in list(self._running.values()):
                await self._look_at(watched)
        finally:
            self._looking = False
        if not self._running:
            self._clock.stop()

    async def _look_at(self, watched: _Watched) -> None:
        job_id = watched.job.id
        try:
            job = await asyncio.to_thread(self._jobs.get, job_id)
            _, offset = await asyncio.to_thread(self._jobs.follow, job_id, watched.offset)
        except JobError:  # somebody cleaned the folder
            self._running.pop(job_id, None)
            return
        self._active(job.request.kernel)
        if job.state == "running":
            if offset != watched.offset:
                self._announcer.say("job", job_id, "running")
            watched.offset = offset
            return
        self._running.pop(job_id, None)
        told = await asyncio.to_thread(self._told, job)
        self._announcer.say("job", job_id, job.state)
        self._ended(told)


def render_job(job: Job, told: JournalSummary) -> AnyJob:
    request = job.request
    error: Problem | None = as_written(told.error)
    if job.state == "interrupted":
        broken = JobError(
            "job-interrupted", "The job was interrupted before it could report a result; nothing has changed.",
            hint="Start it again.", details=job.stderr,
        )  # fmt: skip
        error = Problem.of(broken)
    kind = KINDS.get(request.action, ChangeJob)
    return kind(
        id=job.id,
        action=as_written(request.action),
        notebook=request.notebook,
        kernel=request.kernel,
        state=job.state,
        progress=told.progress if job.state == "running" else None,
        changed=told.changed,
        notes=told.notes,
        result=as_written(told.result),
        error=error,
        started=job.started,
        ended=job.ended,
    )
