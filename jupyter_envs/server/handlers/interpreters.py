"""`interpreters`: which Pythons exist on this machine."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from ... import interpreters
from ...errors import PythonError
from ...settings import Settings
from .base import Handler


class InterpretersHandler(Handler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.reply({"interpreters": await asyncio.to_thread(_listed, self.envs.core)})


def _listed(settings: Settings) -> list[dict[str, Any]]:
    found = interpreters.discover(settings)
    try:
        default = interpreters.choose(None, settings).path
    except PythonError:
        default = None
    return [
        {
            "version": python.version,
            "minor": python.minor,
            "implementation": python.implementation,
            "arch": python.arch,
            "path": str(python.path),
            "source": python.source,
            "default": python.path == default,
        }
        for python in found
    ]
