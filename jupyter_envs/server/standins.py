"""Kernels that stand in for an environment which is not built yet, and the change to the real one.

A restart would leave the front end with the stand-in's kernel_info, so the session gets a new kernel.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import ensure_async
from tornado.ioloop import PeriodicCallback

from ..errors import EnvsError
from ..launch.launch import AFTER, WITHOUT
from .kernels import KernelFile, RunningKernels
from .refusals import Conflict, NotFound

if TYPE_CHECKING:
    from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
    from jupyter_server.services.sessions.sessionmanager import SessionManager

    from .events import Announcer

INTERVAL = 1000
"""Milliseconds between two looks at the store."""

BUSY_ROUNDS = 10
"""How many rounds a busy stand-in has after its environment was built."""

Built = Callable[[KernelFile], str | None]
"""The folder of the environment that a stand-in waits for, or None if it does not exist yet. May block."""


Base = Callable[[], object]
"""The base environment, or None. May block."""


class StandIns:
    def __init__(
        self,
        running: RunningKernels,
        built: Built,
        base: Base,
        announcer: Announcer,
        kernels: MappingKernelManager,
        sessions: SessionManager,
        log: logging.Logger,
    ) -> None:
        self._running = running
        self._built = built
        self._base = base
        self._announcer = announcer
        self._kernels: Any = kernels  # jupyter_server leaves these methods untyped
        self._sessions: Any = sessions
        self._log = log
        self._waiting: set[str] = set()
        self._tried: set[tuple[str, str]] = set()
        self._blamed: set[str] = set()
        self._patience: dict[str, int] = {}
        self._looking = False
        self._switching: set[str] = set()
        self._clock = PeriodicCallback(self.look, INTERVAL)

    @property
    def waiting(self) -> frozenset[str]:
        return frozenset(self._waiting)

    def watch(self, kernel_id: str) -> None:
        if kernel_id not in self._waiting:
            self._waiting.add(kernel_id)
            self._announcer.say("kernel", kernel_id, "standin")
        if not self._clock.is_running():
            self._clock.start()

    def forget(self, kernel_id: str) -> None:
        self._waiting.discard(kernel_id)
        self._patience.pop(kernel_id, None)
        if not self._waiting:
            self.stop()

    def stop(self) -> None:
        self._clock.stop()

    async def notice(self, kernel_id: str) -> None:
        """A kernel was started or restarted: is it a stand-in?"""
        try:
            context = await asyncio.to_thread(self._running.read, kernel_id)
        except NotFound:
            return self.forget(kernel_id)
        return self.watch(kernel_id) if context.standin else self.forget(kernel_id)

    async def look(self) -> None:
        """One round over all stand-ins; a round that takes longer than the interval does not run twice at the same
        time."""
        if self._looking:
            return
        self._looking = True
        try:
            for kernel_id in sorted(self._waiting):
                await self._look_at(kernel_id)
        finally:
            self._looking = False

    async def _look_at(self, kernel_id: str) -> None:
        try:
            context = await asyncio.to_thread(self._running.read, kernel_id)
            place = await asyncio.to_thread(self._built, context) if context.standin else None
        except NotFound:
            return self.forget(kernel_id)
        except EnvsError as error:
            self._log.debug("Kernel %s is still a stand-in: %s", kernel_id, error.sentence)
            return None
        if not context.standin:
            return self.forget(kernel_id)
        if place:
            await self._change(kernel_id, place, context)
        return None

    async def _change(self, kernel_id: str, place: str, context: KernelFile) -> None:
        """Each session gets each environment once: if the kernel dies at once, it comes back as a stand-in."""
        sessions = await self._running.sessions(kernel_id)
        if not sessions or self._finishing(kernel_id):
            return
        attempt = (sessions[0].id, place)
        if attempt in self._tried:
            return
        self._tried.add(attempt)
        if context.died and kernel_id not in self._blamed:
            self._blamed.add(kernel_id)  # it died in the environment that is there now: only another one helps
            return
        await self._switch_or_stay(kernel_id)

    def _finishing(self, kernel_id: str) -> bool:
        """The magic that built it may still be writing its last line; it gets a few rounds for that."""
        left = self._patience.setdefault(kernel_id, BUSY_ROUNDS)
        self._patience[kernel_id] = left - 1
        return left > 0 and self._running.busy(kernel_id)

    async def _switch_or_stay(self, kernel_id: str) -> None:
        try:
            await self._switch(kernel_id)
        except Exception:
            # Whatever a kernel's start raises: the stand-in goes on, and the next round for others must come.
            self._log.exception("Kernel %s could not be switched to its environment.", kernel_id)

    async def without(self, kernel_id: str) -> None:
        """Gives the notebook of a stand-in the base environment instead. Raises NotFound or Conflict."""
        context = await asyncio.to_thread(self._running.read, kernel_id)
        if not context.standin or not await self._running.sessions(kernel_id):
            raise Conflict("no-standin", "No notebook is waiting for its environment in this kernel.")
        if await asyncio.to_thread(self._base) is None:
            raise Conflict(
                "base-missing",
                "The base environment is not built yet.",
                hint="Run `jupyter envs build` without a notebook, then try again.",
            )
        await self._switch(kernel_id, {WITHOUT: "1"})

    async def _switch(self, kernel_id: str, more: dict[str, str] | None = None) -> None:
        """Once, even if several ask: another kernel for all sessions of this one."""
        if kernel_id in self._switching:
            return
        self._switching.add(kernel_id)
        try:
            await self._exchange(kernel_id, more or {})
        finally:
            self._switching.discard(kernel_id)

    async def _exchange(self, kernel_id: str, more: dict[str, str]) -> None:
        """Like `PATCH api/sessions/<id>` with a kernel name. `more`: variables for the start of the new kernel."""
        first = (await self._running.sessions(kernel_id))[0]
        place = await ensure_async(self._sessions.contents_manager.get_kernel_path(path=first.path))
        environ = self._sessions.get_kernel_env(first.path, first.name) | {AFTER: kernel_id} | more
        new_id = await ensure_async(self._kernels.start_kernel(path=place, kernel_name=first.kernel_name, env=environ))
        # A session may have been closed or given another kernel while the new one started.
        sessions = await self._running.sessions(kernel_id)
        for session in sessions:
            await self._sessions.update_session(session.id, kernel_id=new_id)
        self.forget(kernel_id)
        await ensure_async(self._kernels.shutdown_kernel(kernel_id if sessions else new_id))
        if sessions:
            self._announcer.say("kernel", kernel_id, "switched")
