"""A separate thread for what cannot be cancelled: a name server, a network disk, somebody else's parser."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def in_thread(work: Callable[[], T]) -> asyncio.Future[T]:
    """A process that ends does not wait for it, as it would for one of asyncio's threads. If it is cancelled, it still
    runs to its end."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def tell(result: T | None, error: BaseException | None) -> None:
        if not future.done():
            future.set_exception(error) if error else future.set_result(result)  # type: ignore[arg-type]  # one of the two

    def run() -> None:
        result, problem = None, None
        try:
            result = work()
        except BaseException as error:  # it is raised where somebody waits
            problem = error
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(tell, result, problem)

    threading.Thread(target=run, name="jupyter-envs aside", daemon=True).start()
    return future
