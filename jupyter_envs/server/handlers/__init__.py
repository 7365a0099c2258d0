"""Routes. Ids are checked here by anchored patterns: what does not match is an unknown address."""

from __future__ import annotations

from typing import Any

from .base import API, Handler
from .consents import ConsentHandler, ConsentsHandler
from .environments import EnvironmentHandler, EnvironmentsHandler
from .interpreters import InterpretersHandler
from .jobs import JobHandler, JobsHandler, SeenHandler
from .kernels import KernelHandler, WithoutHandler
from .kernelspecs import KernelspecHandler, KernelspecsHandler
from .notebooks import DeclinedHandler, NotebookHandler
from .packages import PackageHandler
from .unknown import UnknownHandler

KERNEL = r"(?P<kernel_id>\w{1,16}(?:-\w{1,16}){4})"
JOB = r"(?P<job_id>\d{8}T\d{6}-[a-z2-7]{8})"
ENVIRONMENT = r"(?P<environment_id>[a-z2-7]{26})"
DIGEST = r"(?P<digest>sha256(?::|%3[Aa])[0-9a-f]{64})"  # browsers escape the colon
PACKAGE = r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?)"
KERNELSPEC = r"(?P<name>[a-z0-9][a-z0-9._-]{0,63})"

ROUTES: tuple[tuple[str, type[Handler]], ...] = (
    (r"notebooks/(?P<path>.+)", NotebookHandler),
    (r"pending/declined", DeclinedHandler),
    (rf"kernels/{KERNEL}", KernelHandler),
    (rf"kernels/{KERNEL}/without", WithoutHandler),
    (r"jobs", JobsHandler),
    (rf"jobs/{JOB}", JobHandler),
    (rf"jobs/{JOB}/seen", SeenHandler),
    (rf"packages/{PACKAGE}", PackageHandler),
    (r"interpreters", InterpretersHandler),
    (r"environments", EnvironmentsHandler),
    (rf"environments/{ENVIRONMENT}", EnvironmentHandler),
    (r"consents", ConsentsHandler),
    (rf"consents/{DIGEST}", ConsentHandler),
    (r"kernelspecs", KernelspecsHandler),
    (rf"kernelspecs/{KERNELSPEC}", KernelspecHandler),
)


def routes() -> list[tuple[Any, ...]]:
    """In the form that ExtensionApp.handlers needs; tornado anchors each pattern at both ends."""
    known = [(f"{API}/{pattern}", handler) for pattern, handler in ROUTES]
    return [*known, (rf"{API}(?:/.*)?", UnknownHandler)]
