"""`interpreters`: which Pythons exist on this machine."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...machine import interpreters
from ...settings import Settings
from ...wire.environments import Interpreter, Interpreters
from .base import Handler


class InterpretersHandler(Handler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.reply(Interpreters(await self.envs.programs.run(lambda: _listed(self.envs.core))))


def _listed(settings: Settings) -> list[Interpreter]:
    return [Interpreter.of(python, default=default) for python, default in interpreters.list_interpreters(settings)]
