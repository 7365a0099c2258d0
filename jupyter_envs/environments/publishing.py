"""The last step on the way to an environment: what only its unpacked wheels show is asked about, before the store
publishes it, and before one that exists already is used."""

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
        approved = _review(approved, made, here)
        made = here.store.ensure(approved, installer, report)
    return made


def take(approved: gate.Approved, here: Here) -> Environment | None:
    """The environment if it exists. Raises PolicyError, and ConsentNeeded `needs-review`."""
    found = here.store.take(approved)
    while isinstance(found, gate.Review):
        approved = _review(approved, found, here)
        found = here.store.take(approved)
    return found


def _review(approved: gate.Approved, seen: gate.Review, here: Here) -> gate.Approved:
    try:
        return gate.review(approved, seen, here.consents)
    except OSError as error:
        raise disk_error(error, here.settings.home) from None
