"""Events are hints to look again: what changed and its id, no names, no paths. REST has the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from jupyter_events import EventLogger

SCHEMA_ID = "https://events.jupyter.org/jupyter_envs/change/v1"
SCHEMA_FILE = Path(__file__).with_name("change.yaml")

What = Literal["job", "kernel", "environment"]


class Announcer:
    """Must be called on the event loop's thread: listeners are tasks of that loop."""

    def __init__(self, logger: EventLogger) -> None:
        self._logger = logger
        if SCHEMA_ID not in logger.schemas:
            logger.register_event_schema(SCHEMA_FILE)

    def say(self, what: What, identity: str, state: str) -> None:
        self._logger.emit(schema_id=SCHEMA_ID, data={"what": what, "id": identity, "state": state})
