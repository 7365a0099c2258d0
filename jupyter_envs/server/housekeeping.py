"""Deletes from time to time what nobody needs: first some minutes after the start, when the server is less busy, and
then at intervals. It runs in a thread that nobody waits for: it may be killed at any moment, like everything in the
store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from logging import Logger

from ..environments.cleaning import Cleaned
from ..errors import EnvsError
from ..system.threads import in_thread
from .events import Announcer

FIRST = 300.0
"""Seconds after the start at the latest."""


class Cleaning:
    """`interval`: seconds, 0 for never. Use it on the event loop."""

    def __init__(self, clean: Callable[[], Cleaned], interval: float, announcer: Announcer, log: Logger) -> None:
        self._clean = clean
        self._interval = interval
        self._announcer = announcer
        self._log = log
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._interval > 0 and self._task is None:
            self._task = asyncio.create_task(self._rounds())

    async def stop(self) -> None:
        """No round begins after this."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _rounds(self) -> None:
        wait = min(FIRST, self._interval)
        while True:
            await asyncio.sleep(wait)
            await self._once()
            wait = self._interval

    async def _once(self) -> None:
        try:
            cleaned = await in_thread(self._clean)
        except EnvsError as error:
            self._log.warning("error[%s]: %s %s", error.code, error.sentence, error.hint)
            return
        except OSError as error:
            self._log.warning("Cleaning up environments failed: %s", error)
            return
        for environment_id in cleaned.collected.environments:
            self._announcer.say("environment", environment_id, "deleted")
        for kept in cleaned.kept:
            self._log.warning("%s", kept.sentence)
        if not cleaned.nothing:
            self._log.info(
                "Removed because unused: %d environments, %d wheels, %d leftovers, %d bytes.",
                len(cleaned.collected.environments), len(cleaned.collected.wheels), cleaned.others, cleaned.bytes,
            )  # fmt: skip
