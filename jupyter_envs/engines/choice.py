"""Which engine: the one place that chooses, and that knows of all. Nothing of an engine is loaded before it is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..model.spec import Spec
    from ..settings import Settings
    from .protocols import PackageEngine


class Engines(Protocol):
    def engine_for(self, spec: Spec) -> PackageEngine:
        """The one that resolves and installs what this spec asks for."""

    def every(self) -> tuple[PackageEngine, ...]:
        """All that may have put something into the store: who takes something out of it asks each of their caches."""


@dataclass(frozen=True)
class OurEngines:
    """An engine more (conda, say) is a folder beside uv/, a case in `engine_for` and an entry in `every`."""

    settings: Settings

    def engine_for(self, spec: Spec) -> PackageEngine:
        return self._uv()

    def every(self) -> tuple[PackageEngine, ...]:
        return (self._uv(),)

    def _uv(self) -> PackageEngine:
        from .uv.engine import UvEngine

        return UvEngine(self.settings)
