"""Named kernels, which other front ends can start."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from .values import Message


class Kernelspec(Message, frozen=True):
    """A named kernel for the environment of one notebook."""

    name: str
    display_name: str
    notebook: str | None
    """API path."""
    environment: str | None
    """The id of the environment, if the kernel is not for a notebook."""


class Kernelspecs(Message, frozen=True):
    """Named kernels."""

    kernelspecs: list[Kernelspec]


class NewKernelspec(Message, frozen=True):
    """A request for a named kernel."""

    notebook: Annotated[str, Meta(min_length=1, max_length=4096)]
    """API path."""
    name: Annotated[
        str, Meta(min_length=1, max_length=64, extra_json_schema={"pattern": "^[a-z0-9][a-z0-9._-]{0,63}$"})
    ]
    display_name: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
