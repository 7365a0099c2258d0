"""`kernelspecs`: named kernels for one notebook's environment, which other front ends can start."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...errors import NotebookError
from ...machine import kernelspecs
from ...wire.kernelspecs import Kernelspec, Kernelspecs, NewKernelspec
from ..refusals import NotFound
from .base import Handler


class _Kernelspecs(Handler):
    def shown(self, named: kernelspecs.Named) -> Kernelspec:
        """May block: it resolves the links on the way to the notebooks."""
        return Kernelspec(
            name=named.name,
            display_name=named.display_name,
            notebook=self.envs.notebooks.api_path(named.notebook),
            environment=named.environment,
        )


class KernelspecsHandler(_Kernelspecs):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.reply(Kernelspecs(await asyncio.to_thread(lambda: [self.shown(named) for named in kernelspecs.listed()])))

    @web.authenticated
    @authorized
    async def post(self) -> None:
        new = await self.read(NewKernelspec)
        notebook = self.envs.notebooks.os_path(new.notebook)
        if notebook is None:
            raise NotebookError(
                "no-file", "A named kernel needs a notebook file on this machine, and this notebook is not one."
            )
        named = await asyncio.to_thread(kernelspecs.add, new.name, notebook=notebook, display_name=new.display_name)
        self.reply(await asyncio.to_thread(self.shown, named), 201)


class KernelspecHandler(_Kernelspecs):
    @web.authenticated
    @authorized
    async def delete(self, name: str) -> None:
        known = await asyncio.to_thread(kernelspecs.listed)
        if name not in {named.name for named in known}:
            raise NotFound("kernelspec-unknown", "jupyter-envs has not made such a kernel.")
        await asyncio.to_thread(kernelspecs.remove, name)
        self.reply_empty()
