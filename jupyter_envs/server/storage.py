"""Environments on disk, for a front end: no paths on this machine except those of notebooks that it serves."""

from __future__ import annotations

import builtins
from collections.abc import Callable

from ..environments.use_cases import Environments
from ..model.moments import write_seconds
from ..settings import Settings
from ..store.inventory import Entry
from ..wire.environments import StoredEnvironment
from .refusals import Conflict, NotFound


class StoredEnvironments:
    """Reads the disk: call it in a thread."""

    def __init__(self, settings: Settings, api_path: Callable[[str | None], str | None]) -> None:
        self._settings = settings
        self._api_path = api_path

    def list(self) -> builtins.list[StoredEnvironment]:
        """The one that was used last comes first."""
        found = sorted(Environments(self._settings).list(), key=lambda entry: (-entry.used, entry.id))
        return [self._shown(entry) for entry in found]

    def delete(self, environment_id: str) -> None:
        """Raises NotFound; Conflict if something runs from it, or if it is in a store that somebody else manages."""
        environments = Environments(self._settings)
        entry = next((entry for entry in environments.list() if entry.id == environment_id), None)
        if entry is None:
            raise NotFound("environment-unknown", "There is no such environment.")
        if not entry.mine:
            raise Conflict(
                "not-mine",
                "This environment is in a store that somebody else manages.",
                hint="Ask the owner of that store to delete it.",
            )
        if entry.running:
            raise Conflict(
                "in-use",
                "A kernel is running in this environment.",
                hint="Shut that kernel down, then delete it again.",
            )
        environments.here.store.remove(environment_id)

    def _shown(self, entry: Entry) -> StoredEnvironment:
        pointer = entry.pointer
        paths = (self._api_path(path) for path in entry.latest_notebooks)
        return StoredEnvironment(
            id=entry.id,
            version=pointer.python.version,
            packages=len(pointer.packages),
            own=pointer.own,
            shared=pointer.shared,
            created=write_seconds(pointer.created),
            used=write_seconds(entry.used),
            notebooks=[path for path in paths if path],
            running=entry.running,
            state=entry.state,
            mine=entry.mine,
        )
