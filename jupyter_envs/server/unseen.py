"""Jobs of notebooks whose end no page has shown yet: the page was reloaded or closed, or the server was stopped."""

from __future__ import annotations

from ..environments.jobs import JobRequest, Jobs
from ..errors import JobError


class Unseen:
    """By id, also those that run. The next server finds them in their folders."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._known: dict[str, JobRequest] = {}

    def add(self, job_id: str, request: JobRequest) -> None:
        """May block. Ignores jobs that are for no notebook, and those that a page has shown."""
        try:
            if self._jobs.unseen(job_id):
                self._known[job_id] = request
        except JobError:  # somebody cleaned the folder
            return

    def see(self, job_id: str) -> None:
        """May block. Raises JobError."""
        self._known.pop(job_id, None)
        self._jobs.see(job_id)

    def of(self, kernel_id: str | None, notebook: str | None) -> list[str]:
        """Of a kernel or of a notebook (API path), the oldest first: kernels come and go, and notebooks are renamed."""
        known = self._known.copy().items()
        return sorted(
            job_id
            for job_id, request in known
            if (kernel_id and request.kernel == kernel_id) or (notebook and request.notebook == notebook)
        )
