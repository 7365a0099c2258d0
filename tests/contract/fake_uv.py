"""A resolver that needs no process: newest first, over distributions in memory."""

from __future__ import annotations

from collections.abc import Iterable
from email.parser import HeaderParser

import msgspec
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from jupyter_envs.consent.questions import needs_build
from jupyter_envs.engines.protocols import ResolveRequest
from jupyter_envs.engines.uv.project import ALWAYS
from jupyter_envs.errors import ResolveError
from jupyter_envs.model.closure import marker_environment, ranks_of
from jupyter_envs.model.lock import File, Lock, Package
from jupyter_envs.model.progress import SILENT, Report

from ..wheels import Dist


class FakeResolver:
    def __init__(self, dists: Iterable[Dist]) -> None:
        self._dists = list(dists)

    def resolve(self, request: ResolveRequest, report: Report = SILENT) -> Lock:
        wanted = [Requirement(text) for text in (*request.spec.dependencies, *ALWAYS)]
        chosen: dict[str, Dist] = {}
        while True:
            asked = wanted + [need for dist in chosen.values() for need in self._needs(dist, request)]
            names = sorted({str(canonicalize_name(r.name)) for r in asked})
            again = {name: self._newest(name, asked, request) for name in names}
            if again == chosen:
                break
            chosen = again
        return Lock(
            lock_version="1.0",
            created_by="fake",
            spec=request.spec.digest,
            requires_python=f"=={request.interpreter.minor}.*",
            packages=tuple(map(_row, chosen.values())),
        )

    def _needs(self, dist: Dist, request: ResolveRequest) -> list[Requirement]:
        environment = marker_environment(request.interpreter) | {"extra": ""}
        lines = HeaderParser().parsestr(dist.metadata.decode()).get_all("Requires-Dist", [])
        needs = map(Requirement, lines)
        return [need for need in needs if need.marker is None or need.marker.evaluate(environment)]

    def _newest(self, name: str, asked: list[Requirement], request: ResolveRequest) -> Dist:
        known = [dist for dist in self._dists if dist.name == name]
        if not known:
            raise ResolveError("no-such-package", f'There is no package called "{name}".', data={"package": name})
        limits = [r for r in asked if canonicalize_name(r.name) == name]
        fits = [dist for dist in known if all(r.specifier.contains(dist.version) for r in limits)]
        if not fits:
            raise ResolveError("conflict", "These requirements do not fit together: " + ", ".join(map(str, limits)))
        ranks = ranks_of(request.interpreter)
        wheels = [d for d in fits if d.filename.endswith(".whl") and ranks.fits(d.filename)]
        newest = max(fits, key=lambda dist: Version(dist.version))
        if newest not in wheels and name not in request.allow_build and not self._kept(name, wheels, request):
            raise needs_build([name])
        return self._kept(name, fits, request) or newest

    def _kept(self, name: str, fits: list[Dist], request: ResolveRequest) -> Dist | None:
        if request.previous is None or request.upgrade_all or name in request.upgrade:
            return None
        versions = {row.version for row in request.previous.packages if row.name == name}
        return next((dist for dist in fits if dist.version in versions), None)


def _row(dist: Dist) -> Package:
    row = Package(name=dist.name, version=dist.version)
    files = {dist.filename: File(sha256=dist.sha256, size=dist.size)}
    return msgspec.structs.replace(row, **{"wheels" if dist.filename.endswith(".whl") else "sdist": files})
