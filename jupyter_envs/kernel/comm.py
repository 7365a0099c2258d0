"""The comm `jupyter_envs`, which front ends open: the kernel sends its state, the panel sends its changes."""

from __future__ import annotations

import logging
from typing import Any, Dict, Protocol

from .context import Context

Json = Dict[str, Any]
TARGET = "jupyter_envs"
AFTER_HELLO = 3.0
"""Seconds: the user of this front end will type for a while before the first install."""
log = logging.getLogger("jupyter_envs")


class Host(Protocol):
    """What answers front ends: the kernel's session."""

    context: Context

    def state(self) -> Json:
        """What a front end shows."""

    def hand_over(self) -> None:
        """Sends a front end that has just connected what the kernel did while there was none."""

    def expect_order(self, seconds: float) -> None:
        """An order may come after this many seconds."""

    def changed_in_panel(self, data: Json) -> None:
        """The server has built it, and the document contains it already."""


class Comms:
    """All open comms; it does not matter how many browser tabs there are."""

    def __init__(self, session: Host) -> None:
        self._session = session
        self._open: dict[str, Any] = {}

    def register(self, comm_manager: Any) -> None:
        comm_manager.register_target(TARGET, self._opened)

    def send(self, message: Json) -> bool:
        """Sends to every front end; returns whether there was one."""
        for comm in list(self._open.values()):
            try:
                comm.send(message)
            except Exception:  # whatever a comm of any version raises: that front end is gone
                self._open.pop(comm.comm_id, None)
        return bool(self._open)

    def _opened(self, comm: Any, message: Json) -> None:
        self._open[comm.comm_id] = comm
        comm.on_close(lambda _: self._open.pop(comm.comm_id, None))
        comm.on_msg(self._received)
        self._session.context.refresh()
        comm.send(self._session.state())
        self._session.hand_over()
        self._session.expect_order(AFTER_HELLO)

    def _received(self, message: Json) -> None:
        data = message.get("content", {}).get("data") or {}
        try:
            if data.get("type") == "environment":
                self._session.changed_in_panel(data)
            elif data.get("type") == "state":
                self._session.context.refresh()
                self.send(self._session.state())
        except Exception:
            log.exception("A message from the front end could not be handled.")
