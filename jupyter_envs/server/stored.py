"""Environments on disk as people see them: how large, which notebooks, and whether anything runs from them."""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import msgspec
import psutil

from ..settings import Settings
from ..store import Environment, Store
from .kernels import Context
from .refusals import Conflict, NotFound


@dataclass(frozen=True)
class Use:
    """A kernel's context file: which environment, which notebook (absolute path), since when (POSIX seconds)."""

    kernel: str
    environment: str
    notebook: str | None
    at: float


class StoredEnvironments:
    """Reads the disk and the list of processes: to be called in a thread."""

    def __init__(self, settings: Settings, api_path: Callable[[str | None], str | None]) -> None:
        self._store = Store(settings)
        self._contexts = settings.home / "kernels"
        self._api_path = api_path
        self._sizes: dict[Path, int] = {}

    def list(self) -> builtins.list[dict[str, Any]]:
        uses = list(self._uses())
        return [self._shown(e, [u for u in uses if u.environment == e.id]) for e in self._store.list()]

    def delete(self, environment_id: str) -> None:
        """Raises NotFound, or Conflict while a process runs from it."""
        if self._store.find(environment_id) is None:
            raise NotFound("environment-unknown", "There is no such environment.")
        if self._store.in_use(environment_id) or in_use(environment_id, self._uses(), _command_lines()):
            raise Conflict(
                "in-use",
                "A kernel runs in this environment.",
                hint="Shut that kernel down, then delete it again.",
            )
        self._store.remove(environment_id)

    def _shown(self, environment: Environment, uses: builtins.list[Use]) -> dict[str, Any]:
        used = max((use.at for use in uses), default=None)
        return {
            "id": environment.id,
            "version": environment.version,
            "packages": len(environment.packages),
            "size": self._size(environment.prefix),
            "created": _iso(environment.created),
            "used": None if used is None else _iso(used),
            "notebooks": sorted({path for use in uses if (path := self._api_path(use.notebook))}),
        }

    def _size(self, prefix: Path) -> int:
        """Bytes on disk. An environment never changes, so one count is enough."""
        if prefix not in self._sizes:
            self._sizes[prefix] = _bytes_of(prefix)
        return self._sizes[prefix]

    def _uses(self) -> Iterator[Use]:
        for file in self._contexts.glob("*.json"):
            try:
                context = msgspec.json.decode(file.read_bytes(), type=Context)
                at = file.stat().st_mtime
            except (OSError, msgspec.MsgspecError):
                continue  # a kernel that just ended, or a file that nobody can use
            if context.environment:
                yield Use(file.stem, str(context.environment.get("id")), context.notebook, at)


def in_use(environment_id: str, uses: Iterable[Use], command_lines: Iterable[str]) -> bool:
    """Context files outlive a crash, so a kernel counts only while a process names its connection file. A kernel may
    have moved to another environment than the one whose Python it runs: both count."""
    kernels = [use.kernel for use in uses if use.environment == environment_id]
    signs = [f"{os.sep}{environment_id}{os.sep}", *kernels]
    return any(sign in line for line in command_lines for sign in signs)


def _command_lines() -> list[str]:
    return [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]


def _bytes_of(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118  # 15,000 of them
            except OSError:
                continue
    return total


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
