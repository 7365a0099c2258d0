"""The last step of a build: what only the unpacked wheels show is asked about, then the store publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..consent import gate
from ..model.progress import SILENT, Report
from ..store import Environment
from ..system.disk import disk_error
from .here import Here

if TYPE_CHECKING:
    from ..engines.protocols import Installer


def publish(approved: gate.Approved, installer: Installer, here: Here, report: Report = SILENT) -> Environment:
    """Raises what Store.ensure raises, also where our home has no room for an answer; PolicyError, and ConsentNeeded
    `needs-review`: then the wheels are unpacked, and nothing has been published."""
    made = here.store.ensure(approved, installer, report)
    while isinstance(made, gate.Review):
        try:
            approved = gate.review(approved, made, here.consents)
        except OSError as error:
            raise disk_error(error, here.settings.home) from None
        made = here.store.ensure(approved, installer, report)
    return made
