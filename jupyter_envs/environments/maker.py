"""What needs an engine: a lock made from a spec, and an environment made from a closure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..consent.gate import Approved
from ..errors import EnvsError
from ..model.lock import Lock
from ..model.progress import Report
from ..model.spec import Spec
from ..store import Environment
from .here import Here
from .publishing import publish, take

if TYPE_CHECKING:
    from ..engines.protocols import Need, ResolveRequest
    from ..machine.indexes.facts import Known


@dataclass(frozen=True)
class Maker:
    here: Here

    def resolve(self, request: ResolveRequest, report: Report) -> Lock:
        here = self.here
        with here.engines.engine_for(request.spec).resolver(here.indexes, here.consents.policy) as resolver:
            return resolver.resolve(request, report)

    def needs_in(self, spec: Spec, error: EnvsError) -> tuple[Need, ...]:
        """What needs what, as far as the resolver's error says it."""
        return self.here.engines.engine_for(spec).needs_in(error)

    def look_up(self, wanted: Mapping[str, str | None], seconds: float) -> dict[str, Known | None]:
        """What the indexes say about packages that could not be had: `machine.indexes.facts`."""
        from ..machine.indexes.facts import read_facts  # here: it talks to the web, and few changes fail

        return read_facts(self.here.indexes, wanted, seconds)

    def build(self, approved: Approved, spec: Spec, report: Report) -> Environment:
        """`spec`: what the closure was resolved from."""
        here = self.here
        found = take(approved, here)
        if found:
            return found
        with here.engines.engine_for(spec).installer(here.indexes, here.consents.policy) as installer:
            return publish(approved, installer, here, report)
