"""A hash that was given for source is checked before any of its code runs, since resolving may have to build it."""

from __future__ import annotations

from collections.abc import Collection

from ...model.hashes import given_for, mismatch
from ...model.progress import Report
from ..protocols import ResolveRequest
from . import pylock
from .newest import Compiler
from .project import without_needs


def check_source(resolver: Compiler, request: ResolveRequest, built: Collection[str], report: Report) -> None:
    """`built`: names of packages from indexes that may be built from source. Raises ResolveError
    `requirements-hash`."""
    # What a limit is for is known by its limit alone: something else asks for it.
    asked = (*request.spec.requirements, *request.limits)
    hashed = {key.partition("==")[0] for key in request.hashes}
    wanted = tuple(item for item in asked if item.name in hashed and item.name in built)
    if not wanted:
        return
    text = resolver.compile(without_needs("hashed", request, wanted), report)
    for package in pylock.read(text, request.interpreter).packages:
        given = given_for(package.name, str(package.version), request.hashes)
        if given and package.sdist and package.sdist.hashes.get("sha256", "").lower() not in given:
            raise mismatch(package.name, package.version)
