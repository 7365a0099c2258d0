"""The part of the extension that handlers use."""

from __future__ import annotations

from typing import Protocol

from msgspec import UnsetType

from ..environments.use_cases import Environments
from ..settings import Settings
from .aside import Aside
from .events import Announcer
from .job_board import JobBoard
from .kernels import RunningKernels
from .notebooks import Notebooks
from .offering import Offering
from .standins import StandIns
from .states import States
from .storage import StoredEnvironments


class Envs(Protocol):
    core: Settings
    lookups: Aside
    programs: Aside
    states: States
    announcer: Announcer
    notebooks: Notebooks
    offering: Offering
    stored: StoredEnvironments
    running: RunningKernels
    jobs: JobBoard
    standins: StandIns

    @property
    def environments(self) -> Environments:
        """Of one request: what changes on this machine meanwhile counts for the next."""

    def unsupported(self) -> str | UnsetType:
        """Why environments cannot work here; a field of REST answers, only if that is so."""

    async def home_in_order(self) -> None:
        """Raises StoreError if nothing in the home may be read."""
