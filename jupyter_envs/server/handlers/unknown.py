"""Addresses below ours that do not exist: refused in the API's own format, and only for clients that are logged in."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..refusals import NotFound
from .base import Handler


class UnknownHandler(Handler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        raise NotFound("not-found", "There is no such address.", hint="Check the path, or reload the page.")

    head = post = put = patch = delete = get
