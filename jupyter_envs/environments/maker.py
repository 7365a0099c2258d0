"""What takes an engine: a lock made of a spec, and an environment made of a closure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..consent.gate import Approved
from ..model.lock import Lock
from ..progress import Report
from ..store import Environment
from .here import Here

if TYPE_CHECKING:
    from ..engines.protocols import Request


@dataclass(frozen=True)
class Maker:
    here: Here

    def resolve(self, request: Request, report: Report) -> Lock:
        from ..engines.uv.resolver import UvResolver

        with self.here.engine() as engine:
            return UvResolver(engine).resolve(request, report)

    def build(self, approved: Approved, report: Report) -> Environment:
        found = self.here.store.find(approved.closure.id)
        if found:
            return found
        from ..engines.uv.installer import UvInstaller

        with self.here.engine() as engine:
            return self.here.store.ensure(approved, UvInstaller(engine), report)
