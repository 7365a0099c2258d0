"""`interpreters`: which Pythons exist on this machine."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...machine import interpreters
from ...settings import Settings
from .base import Handler


class InterpretersHandler(Handler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.reply({"interpreters": await self.envs.programs.run(lambda: _listed(self.envs.core))})


def _listed(settings: Settings) -> list[dict[str, Any]]:
    return [python.to_dict() | {"default": default} for python, default in interpreters.listed(settings)]
