"""The server extension: combines the rooms once, and gives them to the handlers."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime, timezone
from typing import Any

from jupyter_events import EventLogger
from jupyter_server.extension.application import ExtensionApp
from msgspec import UNSET, UnsetType
from tornado.ioloop import IOLoop
from traitlets import Bool, Float, Unicode

from ..engines.uv import pythons
from ..environments.cleaning import Cleaned, clean
from ..environments.here import Here
from ..environments.jobs import JobRequest, Jobs
from ..environments.use_cases import Environments
from ..errors import EnvsError, StoreError
from ..machine import interpreters, kernelspecs
from ..settings import Settings
from ..wire.jobs import AnyJob
from ..wire.values import as_written
from .aside import Aside
from .events import Announcer
from .handlers import routes
from .housekeeping import Cleaning
from .job_board import JobBoard
from .kernels import RunningKernels
from .notebooks import Notebooks
from .offering import Offering
from .standins import StandIns
from .states import States
from .storage import StoredEnvironments

KERNEL_ACTIONS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"
GRACE = 5.0
"""Seconds after which a kernel that was shut down is gone and not just restarting."""
LOOKUPS = (4, 60)
"""How many requests may ask an index at once, and how many may wait."""
PROGRAMS = (2, 60)
"""The same for starting programs on this machine: asking each Python what it is, asking uv what it can download."""
LOOKS = (4, 60)
"""The same for the check of the home at the beginning of each request."""
LOOK = 5.0
"""Seconds, including the time of waiting, after which the disk of the home counts as not answering."""
GATEWAY = "With a kernel gateway, kernels run on another machine, and notebook environments are not supported there."


class JupyterEnvs(ExtensionApp):
    """Per-notebook environments: REST, events, and the change from stand-in kernels to real ones."""

    name = "jupyter_envs"
    default_url = "/lab"

    home = Unicode(help="Folder of consents, jobs and caches; overrides JUPYTER_ENVS_HOME.").tag(config=True)
    store = Unicode(help="Folder of the environments; overrides JUPYTER_ENVS_STORE.").tag(config=True)
    python = Unicode(help="The Python for notebooks that do not ask for one: a version like 3.12, or a path.").tag(
        config=True
    )
    policy = Unicode(help="The file of an administrator's policy on consent; sets JUPYTER_ENVS_POLICY.").tag(
        config=True
    )
    build_base = Bool(True, help="Build the base environment when the server starts, if it is missing.").tag(
        config=True
    )

    keep_days = Float(
        None, allow_none=True, min=0,
        help="Delete what has not been used for this many days; 0: never. Overrides JUPYTER_ENVS_KEEP_DAYS.",
    ).tag(config=True)  # fmt: skip
    gc_interval = Float(24 * 3600.0, min=0, help="Seconds between two clean-ups; 0: never.").tag(config=True)

    _start: asyncio.Task[None] | None = None

    def initialize_settings(self) -> None:
        assert self.serverapp is not None
        server = self.serverapp
        assert server.event_logger is not None
        self._export_settings()
        settings = Settings.read()  # each request checks whether the home can be used: it may be fixed in the meantime
        self.core = settings
        self.lookups, self.programs, self.looks = Aside(*LOOKUPS), Aside(*PROGRAMS), Aside(*LOOKS)
        self.states = States(settings)
        self.announcer = Announcer(server.event_logger)
        self.notebooks = Notebooks(server.contents_manager, settings.home)
        self.offering = Offering(self.notebooks)
        self.stored = StoredEnvironments(settings, self.notebooks.api_path)
        self.running = RunningKernels(settings.home, server.kernel_manager, server.session_manager)
        self.jobs = JobBoard(Jobs(settings), self.announcer, self._job_is_activity, self._job_ended)
        self.standins = StandIns(
            self.running, self.states.built, self.states.base, self.announcer,
            server.kernel_manager, server.session_manager, self.log,
        )  # fmt: skip
        interval = self.gc_interval if settings.keep_days else 0.0
        self.cleaning = Cleaning(self._clean, interval, self.announcer, self.log)
        server.event_logger.add_listener(schema_id=KERNEL_ACTIONS, listener=self._kernel_action)

    def initialize_handlers(self) -> None:
        self.handlers.extend(routes())

    def _export_settings(self) -> None:
        """Kernels, their magics and jobs are separate processes: they must use the same folders."""
        os.environ.pop("JPY_SESSION_NAME", None)  # of the notebook whose kernel has started this server
        for variable, value in (
            ("JUPYTER_ENVS_HOME", self.home),
            ("JUPYTER_ENVS_STORE", self.store),
            ("JUPYTER_ENVS_PYTHON", self.python),
            ("JUPYTER_ENVS_POLICY", self.policy),
            ("JUPYTER_ENVS_KEEP_DAYS", "" if self.keep_days is None else f"{self.keep_days:g}"),
        ):
            if value:
                os.environ[variable] = value

    @property
    def environments(self) -> Environments:
        """Of one request: what changes on this machine meanwhile counts for the next."""
        return Environments(self.core)

    @property
    def gateway(self) -> bool:
        assert self.serverapp is not None
        return bool(self.serverapp.gateway_config.gateway_enabled)

    def unsupported(self) -> str | UnsetType:
        """Why environments cannot work here; a field of REST answers, only if that is so."""
        return GATEWAY if self.gateway else UNSET

    def current_activity(self) -> int:
        """Jupyter Server asks for this before it stops because of inactivity."""
        return len(self.jobs.running)

    async def _start_jupyter_server_extension(self, serverapp: object) -> None:
        self._start = asyncio.create_task(self._prepare())
        self.cleaning.start()

    def look_at_home(self) -> None:
        """Raises StoreError if nothing in it may be read."""
        self.core.check()

    async def home_in_order(self) -> None:
        """The same for callers that must not wait for a disk that hangs: it uses a few threads of its own, not
        asyncio's."""
        try:
            await self.looks.run(self.look_at_home, LOOK)
        except TimeoutError:
            raise StoreError(
                "home-unusable", "The disk that holds the folder of jupyter-envs does not answer.",
                hint="Try again in a moment; or set JUPYTER_ENVS_HOME to a folder on another disk.",
            ) from None  # fmt: skip

    def _clean(self) -> Cleaned:
        self.look_at_home()
        return clean(Here(self.core), self.core.keep_days)

    async def _prepare(self) -> None:
        """What a first start needs, each step separately; the server already answers requests."""
        try:
            await self.home_in_order()
        except EnvsError as error:
            self.log.warning("error[%s]: %s %s", error.code, error.sentence, error.hint)
            return
        for step in (self._register, self._know_pythons, self.jobs.resume, self._build_base, self._know_downloads):
            try:
                await step()
            except EnvsError as error:
                self.log.warning("error[%s]: %s %s", error.code, error.sentence, error.hint)

    async def _register(self) -> None:
        await asyncio.to_thread(kernelspecs.ensure)

    async def _know_pythons(self) -> None:
        """Asked here, so that opening a notebook does not start a program for it."""
        await self.programs.run(lambda: interpreters.discover(self.core))

    async def _know_downloads(self) -> None:
        await self.programs.run(self._learn)

    def _learn(self) -> None:
        with Here(self.core).engine() as engine:
            pythons.learn(engine)

    async def _build_base(self) -> None:
        if self.build_base and not self.gateway and await asyncio.to_thread(self.states.base) is None:
            await self.jobs.start(JobRequest("build"))

    async def _kernel_action(self, logger: EventLogger, schema_id: str, data: dict[str, Any]) -> None:
        kernel_id = data.get("kernel_id")
        if not kernel_id or data.get("status") != "success":
            return
        if data["action"] in ("start", "restart"):
            await self.standins.notice(kernel_id)
        elif data["action"] == "shutdown":
            self.standins.forget(kernel_id)
            # A restart is a shutdown too, and takes what is in the file.
            IOLoop.current().call_later(GRACE, self.running.clean, kernel_id)

    def _job_is_activity(self, kernel_id: str | None) -> None:
        """A running job keeps the server, and the kernel that it is for, from being culled."""
        assert self.serverapp is not None
        self.serverapp.web_app.settings["jupyter_envs_last_activity"] = datetime.now(timezone.utc)
        if kernel_id:
            self.running.touch(kernel_id)

    def _job_ended(self, job: AnyJob) -> None:
        for environment_id in taken_away(job):
            self.announcer.say("environment", environment_id, "deleted")
        environment = result_of(job).get("environment")
        if environment and job.notebook and job.kernel is None:
            IOLoop.current().add_callback(asyncio.to_thread, self._leave, job)
        if environment:
            self.announcer.say("environment", environment["id"], "built")
            IOLoop.current().add_callback(self.standins.look)
        elif (error := as_written(job.error)) and job.notebook is None:
            # Nobody watches the build of the base environment.
            self.log.warning("error[%s]: %s", error.get("code"), error.get("sentence"))

    def _leave(self, job: AnyJob) -> None:
        """A page that is closed before it is saved would be the only one that has it."""
        assert job.notebook is not None
        try:
            self.notebooks.leave(job.notebook, self.jobs.before(job.id), result_of(job).get("block"))
        except (EnvsError, OSError) as error:
            self.log.warning("What job %s did is only in the page: %s", job.id, error)

    async def stop_extension(self) -> None:
        if getattr(self, "cleaning", None):
            await self.cleaning.stop()
        for clock in (getattr(self, "standins", None), getattr(self, "jobs", None)):
            if clock:  # not there where the start failed
                clock.stop()
        if self._start:
            self._start.cancel()
            await asyncio.gather(self._start, return_exceptions=True)


def result_of(job: AnyJob) -> dict[str, Any]:
    """As the journal has it."""
    return as_written(job.result) or {}


def taken_away(job: AnyJob) -> list[str]:
    """Ids of the environments that `gc` or `verify` took out of use."""
    result = result_of(job)
    found = result.get("environments", [])
    if job.action == "gc":
        return [] if result.get("dry_run") else [str(name) for name in found]
    return [str(one["id"]) for one in found if one["withdrawn"]]
