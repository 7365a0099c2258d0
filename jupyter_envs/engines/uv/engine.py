"""uv as one of the engines: what the rest of the house asks, without its words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...settings import Settings
from . import cache

if TYPE_CHECKING:
    from ...consent.policy import Policy
    from ...errors import EnvsError
    from ...machine.indexes import Indexes
    from ..protocols import Installer, Need, Resolver
    from .tool import Engine


@dataclass(frozen=True)
class UvEngine:
    settings: Settings

    @property
    def cache(self) -> UvCache:
        return UvCache(cache.folder_of(self.settings))

    @contextmanager
    def resolver(self, indexes: Indexes, policy: Policy) -> Iterator[Resolver]:
        from .resolver import UvResolver  # here, like the others: whoever cleans starts no tool

        with self.tool(indexes, policy) as tool:
            yield UvResolver(tool)

    @contextmanager
    def installer(self, indexes: Indexes, policy: Policy) -> Iterator[Installer]:
        from .installer import UvInstaller

        with self.tool(indexes, policy) as tool:
            yield UvInstaller(tool)

    def needs_in(self, error: EnvsError) -> tuple[Need, ...]:
        from .derivation import needs_in

        return needs_in(error.details)

    def tool(self, indexes: Indexes, policy: Policy) -> Engine:
        from .tool import Engine

        cache.mend_once(self.cache.folder)
        return Engine(self.settings, indexes, policy=policy)


@dataclass(frozen=True)
class UvCache:
    folder: Path

    def forget(self, copies: Mapping[int, str], patience: float = 0.0) -> bool:
        return cache.forget(copies, self.folder, patience)

    def unused(self, seconds: float) -> Mapping[Path, int]:
        return cache.unused(self.folder, seconds)

    def remove(self, found: Mapping[Path, int]) -> Mapping[Path, int]:
        return cache.remove_unused(found, self.folder)
