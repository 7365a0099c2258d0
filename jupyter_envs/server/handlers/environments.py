"""`environments`: what is on disk, and deleting it if nothing runs from it."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...wire.environments import StoredEnvironments
from .base import Handler


class EnvironmentsHandler(Handler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.reply(StoredEnvironments(await asyncio.to_thread(self.envs.stored.list)))


class EnvironmentHandler(Handler):
    @web.authenticated
    @authorized
    async def delete(self, environment_id: str) -> None:
        await asyncio.to_thread(self.envs.stored.delete, environment_id)
        self.envs.announcer.say("environment", environment_id, "deleted")
        self.reply_empty()
