"""`packages/<name>?version=…&index=…`: what its index says about one version of a package."""

from __future__ import annotations

import time

from jupyter_server.auth.decorator import authorized
from packaging.utils import canonicalize_name
from packaging.version import Version
from tornado import web

from ...environments.here import Here
from ...errors import IndexError_, UsageError
from ...model.spec import INDEX_NAME
from ...wire.packages import Opinion
from .base import Handler

LOOK_UP = 20.0
"""Seconds for everything that is asked about one package, including the time of waiting."""


class PackageHandler(Handler):
    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        version = _version(self.get_query_argument("version", ""))
        index = self.get_query_argument("index", "")
        if index and not INDEX_NAME.fullmatch(index):
            raise UsageError("bad-request", "`index` is not a valid index name.")
        if self.envs.core.offline:
            raise IndexError_("offline", "Offline mode is on, so no index is asked.")
        here = self.envs.environments.here
        asked = str(canonicalize_name(name))
        end = time.monotonic() + LOOK_UP
        try:
            told = await self.envs.lookups.run(lambda: _opinion(here, asked, version, index or None, end), LOOK_UP)
        except TimeoutError:
            who = f"The index {index} did not answer" if index else "No index answered"
            raise IndexError_("index-timeout", f"{who} within {LOOK_UP:g} seconds.") from None
        self.reply(told)


def _opinion(here: Here, name: str, version: str, index: str | None, end: float) -> Opinion:
    """In a thread from its beginning: the files that name the indexes may be on a disk that hangs."""
    from ...machine.indexes.package_details import opinion  # most servers never need what talks to the web

    indexes = here.indexes
    return opinion(indexes, name, version, index, end - time.monotonic())


def _version(text: str) -> str:
    try:
        return str(Version(text))
    except ValueError:  # InvalidVersion is one, and so is Python's for thousands of digits
        raise UsageError("bad-request", "`version` is not a valid version.") from None
