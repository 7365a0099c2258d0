"""Work that may take long, since it uses a network or starts programs. It runs in separate threads, so that it never
holds up what Jupyter and we do in asyncio's threads: reading notebooks, starting kernels, answering the panel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from ..system.threads import in_thread
from .refusals import Full

T = TypeVar("T")


class Aside:
    """At most `at_once` threads, however long each takes, and `waiting` that wait for one."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._most = at_once + waiting
        self._number = 0

    async def run(self, work: Callable[[], T], seconds: float | None = None) -> T:
        """Raises Full, and TimeoutError after `seconds`, including the time of waiting. What is running then keeps its
        thread to its end."""
        if self._number >= self._most:
            raise Full("server-busy", "The server is busy with other requests.")
        self._number += 1
        try:
            return await asyncio.wait_for(self._begun(work), seconds)
        except asyncio.TimeoutError:  # another one than TimeoutError before Python 3.11
            raise TimeoutError from None
        finally:
            self._number -= 1

    async def _begun(self, work: Callable[[], T]) -> T:
        await self._slots.acquire()
        try:
            future = in_thread(work)
        except BaseException:  # no thread could be started
            self._slots.release()
            raise
        future.add_done_callback(self._ended)
        return await asyncio.shield(future)

    def _ended(self, future: asyncio.Future[T]) -> None:
        self._slots.release()
        if not future.cancelled():
            future.exception()  # nobody may wait for it any more
