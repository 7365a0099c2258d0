"""Why the server refuses something, if the core has no error of its own for it."""

from __future__ import annotations

from ..errors import EnvsError


class NotFound(EnvsError):
    http_status = 404


class Conflict(EnvsError):
    http_status = 409


class TooLarge(EnvsError):
    http_status = 413


class NotJson(EnvsError):
    http_status = 415


class Full(EnvsError):
    """As many requests as allowed are waiting already."""

    http_status = 503


CODES = {400: "bad-request", 403: "forbidden", 404: "not-found", 405: "bad-verb", 409: "conflict"}
"""Codes for requests that Jupyter itself refuses."""
