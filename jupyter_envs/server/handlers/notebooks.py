"""`notebooks/<path>`: what a saved notebook brings, and whether it can run here. A block that cannot be read is refused
as everywhere: 422, and where it is wrong."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...wire.notebooks import Declined, Notebook
from ...wire.status import Status
from .base import Handler


class NotebookHandler(Handler):
    @web.authenticated
    @authorized
    async def get(self, path: str) -> None:
        path = path.strip("/")
        block = await self.envs.notebooks.block(path)
        status = await asyncio.to_thread(self.envs.states.of, block)
        pending = await asyncio.to_thread(self.envs.notebooks.pending, path, block)
        told = await asyncio.to_thread(Status.of, status)
        job = await asyncio.to_thread(self.envs.jobs.of, None, path)
        waiting = await asyncio.to_thread(self.envs.jobs.waiting, None, path)
        unkept = await self.envs.notebooks.unkept(path)
        offered = await self.envs.offering.of(path, block)
        self.reply(Notebook(path, told, pending, job, waiting, self.envs.unsupported(), unkept, offered))


class DeclinedHandler(Handler):
    @web.authenticated
    @authorized
    async def post(self) -> None:
        no = await self.read(Declined)
        for block in (no.before, no.block):
            await asyncio.to_thread(self.envs.states.block, block)
        await asyncio.to_thread(self.envs.notebooks.decline, no.notebook.strip("/"), no.before, no.block)
        self.reply_empty()
