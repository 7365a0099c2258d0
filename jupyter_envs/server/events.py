"""Events are hints to look again: what changed, and its id; no names, no paths. REST has the real state."""

from __future__ import annotations

from pathlib import Path

import msgspec
from jupyter_events import EventLogger

from ..wire.events import EVENTS, Hint, What

SCHEMA_FILE = Path(__file__).with_name("change.yaml")


class Announcer:
    """Must be called on the event loop's thread: listeners are tasks of that loop."""

    def __init__(self, logger: EventLogger) -> None:
        self._logger = logger
        if EVENTS not in logger.schemas:
            logger.register_event_schema(SCHEMA_FILE)

    def say(self, what: What, identity: str, state: str) -> None:
        self._logger.emit(schema_id=EVENTS, data=msgspec.to_builtins(Hint(what, identity, state)))
