"""Addresses below ours that there are not: refused in the API's own form, and only to those who are logged in."""

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
