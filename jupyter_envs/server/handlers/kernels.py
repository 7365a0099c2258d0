"""`kernels/<id>`: the environment of a running kernel, and the block for its next restart."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from msgspec import UNSET
from tornado import web

from ...wire.notebooks import Kernel, NewBlock, Nothing
from ...wire.status import Status
from ...wire.values import as_written
from .base import Handler


class KernelHandler(Handler):
    @web.authenticated
    @authorized
    async def get(self, kernel_id: str) -> None:
        await self._reply_state(kernel_id)

    @web.authenticated
    @authorized
    async def put(self, kernel_id: str) -> None:
        running = self.envs.running
        running.file(kernel_id)
        new = await self.read(NewBlock)
        block = await asyncio.to_thread(self.envs.states.block, new.block)
        await asyncio.to_thread(running.set_block, kernel_id, block, new.before)
        self.envs.announcer.say("kernel", kernel_id, "changed")
        await self._reply_state(kernel_id)

    async def _reply_state(self, kernel_id: str) -> None:
        running = self.envs.running
        running.file(kernel_id)
        context = await asyncio.to_thread(running.read, kernel_id)
        if context.standin:
            self.envs.standins.watch(kernel_id)
        status = await asyncio.to_thread(self.envs.states.of_kernel, context)
        notebook = await running.notebook(kernel_id)
        job = await asyncio.to_thread(self.envs.jobs.of, kernel_id, notebook)
        if job is None and context.standin and context.base:
            job = await asyncio.to_thread(self.envs.jobs.of_base)
        mine = status.environment.id if status.environment else None
        after, restart = await asyncio.to_thread(self.envs.states.coming, context, status)
        self.reply(
            Kernel(
                id=kernel_id,
                notebook=notebook,
                block=context.block,
                environment=as_written(context.sees),
                next=as_written(after.to_dict()) if after else None,
                restart=restart,
                asking=context.asking,
                base=context.base,
                standin=context.standin,
                without=context.without and (context.environment or {}).get("id") != mine,
                status=await asyncio.to_thread(Status.of, status),
                job=job,
                waiting=await asyncio.to_thread(self.envs.jobs.waiting, kernel_id, notebook),
                unsupported=self.envs.unsupported(),
                unkept=await self.envs.notebooks.unkept(notebook) if notebook else UNSET,
                offered=await self.envs.offering.of(notebook, context.block),
            )
        )


class WithoutHandler(Handler):
    @web.authenticated
    @authorized
    async def post(self, kernel_id: str) -> None:
        await self.read(Nothing)
        self.envs.running.file(kernel_id)
        await self.envs.standins.without(kernel_id)
        self.reply_empty()
