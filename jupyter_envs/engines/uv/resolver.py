"""Resolves with `uv pip compile`. No code of a package runs here unless the user allowed its build."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from ... import __version__
from ...consent.policy import Policy
from ...consent.questions import needs_build
from ...errors import ConsentNeeded, ResolveError
from ...model.closure import rows_here
from ...model.hashes import only_named
from ...model.lock import Directory, Lock, Package
from ...model.progress import SILENT, Report
from ...model.requirement import Source
from ..local_folders import LocalSources
from ..protocols import ResolveRequest
from . import pylock
from .attempts import lock_text
from .builder import Builder
from .hashed import check_source
from .index_age import NOTABLE, Asked, age_sentence
from .names import why_built
from .newest import ask_if_older
from .project import ALWAYS, Compilation, preferences, project
from .remarks import of_prereleases, remarks_in
from .tool import Engine

LOCK = "lock"
"""The run that makes the lock; others only look."""
HEARSAY = ("consent-needed", "needs-build", "requirements-hash")
"""Errors that may change when the index is asked again."""


class UvResolver:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.local = LocalSources(engine.settings.home)
        self.asked = Asked(engine.settings, engine.indexes)
        self.remarks: tuple[str, ...] = ()
        """What uv remarked about the lock that it made last."""

    def resolve(self, request: ResolveRequest, report: Report = SILENT) -> Lock:
        """Uses answers of the indexes within the limit, unless newer versions are wanted or that fails: an error is
        always based on what the indexes say now."""
        report.phase(
            "resolve", "Resolving " + (", ".join([*dict.fromkeys(request.spec.names)][:3]) or "the base environment")
        )
        places = self._places(request)
        self._ask_before_code(request, places)
        offline = request.offline or self.engine.offline
        moving = request.fresh or request.upgrade_all or bool(request.upgrade)
        fresh = moving or (not offline and self.asked.outdated(_known(request)))
        request, started = replace(request, fresh=fresh), time.time()
        try:
            lock = self._lock(request, places, report, None if offline else started)
            enough = fresh or self.engine.asked_again or offline or not self.asked.outdated(of_indexes(lock.packages))
        except (ConsentNeeded, ResolveError) as error:
            if error.code not in HEARSAY or fresh or self.engine.asked_again or offline or not self.asked.limit:
                raise
            enough = False
        if not enough:
            lock = self._lock(replace(request, fresh=True), places, report, time.time())
        if (age := self.asked.age(of_indexes(lock.packages))) is not None and age >= NOTABLE:
            report.note(age_sentence(age))
        for remark in self.remarks:
            report.note(remark)
        return lock

    def _lock(
        self, request: ResolveRequest, places: Mapping[str, Source], report: Report, started: float | None
    ) -> Lock:
        """`started`: when, if the indexes may be asked."""
        check_source(self, request, (request.allow_build | _built(request, self.engine.policy)) - places.keys(), report)
        text = lock_text(self, Compilation(LOCK, request, places, request.spec.requirements), report)
        index_of = {
            name: index
            for index, names in request.spec.indexes.items()
            for name in names
            if name in request.spec.names and name not in places
        }
        rows = pylock.rows(pylock.read(text, request.interpreter), request.interpreter, index_of)
        self.remarks = (*self.remarks, *of_prereleases(rows_here(rows, request.interpreter), request))
        if started is not None:
            self.asked.remember(of_indexes(rows), started, fresh=request.fresh or self.engine.asked_again)
        if not request.prefer_binary:
            ask_if_older(self, request, places, rows, report)
        packages = [self._finished(row, request, places, report) for row in rows]
        return Lock(
            lock_version="1.0",
            created_by=f"jupyter-envs {__version__}",
            spec=request.spec.digest,
            requires_python=f"=={request.interpreter.minor}.*",
            packages=only_named(packages, request.hashes, request.interpreter),
        )

    def _places(self, request: ResolveRequest) -> dict[str, Source]:
        places: dict[str, Source] = {}
        for row in rows_here(request.previous.packages if request.previous else (), request.interpreter):
            if row.name not in request.spec.names:
                continue
            if row.vcs:
                fresh = request.upgrade_all or row.name in request.upgrade
                vcs = msgspec.structs.replace(row.vcs, commit_id=None) if fresh else row.vcs
                places[row.name] = Source(vcs)
            elif row.directory:
                path = self.local.path_of(row.name, row.directory.id)
                places[row.name] = Source(path=path, editable=row.directory.editable)
        for name, item in request.typed.items():
            if item.source:
                places[name] = item.source
            elif item.specifier:
                places.pop(name, None)
        return places

    def _ask_before_code(self, request: ResolveRequest, places: Mapping[str, Source]) -> None:
        """A folder that the user typed is their own; code from elsewhere, or code that a file names, needs their
        consent first."""
        foreign = [
            name
            for name, place in places.items()
            if place.runs_code
            and name not in request.allow_build
            and (name in request.typed or not request.own or place.moves)
            and not (place.path and name in request.typed and name not in request.listed)
        ]
        if foreign:
            raise needs_build(foreign, why={name: why_built(name, places[name]) for name in foreign})

    def compile(self, compilation: Compilation, report: Report) -> str:
        """The pylock.toml that uv makes of it, as text."""
        name, request, only_wheels = compilation.name, compilation.request, compilation.only_wheels
        out = self.engine.folder / f"pylock.{name}.toml"
        folder = self.engine.folder / name
        folder.mkdir(exist_ok=True)
        text = project(compilation, self.engine.indexes)
        (folder / "pyproject.toml").write_text(text, encoding="utf-8")
        out.unlink(missing_ok=True)
        if request.previous and not request.upgrade_all and only_wheels:
            out.write_text(preferences(request.previous, request.upgrade), encoding="utf-8")
        arguments: list[str | Path] = [
            *("pip", "compile", folder / "pyproject.toml", "--format", "pylock.toml", "-o", out),
            *(["--universal"] if compilation.universal else []),
            *("--python-version", request.interpreter.minor, "--python", request.interpreter.path, *compilation.more),
        ]
        if only_wheels:
            arguments += ["--only-binary", ":all:"]
            kept = self._kept(request)
            again = _built(request, self.engine.policy) - kept.keys() - request.allow_build
            allowed = request.allow_build | {n for n, p in compilation.places.items() if p.runs_code} | again
            lines = [f"{row.name}=={row.version}\n" for row in _sources(request) if row.name in again]
            arguments += ["--constraints", self.engine.write(f"{name}.again.txt", "".join(lines))] if lines else []
            arguments += [word for package in sorted(allowed - kept.keys()) for word in ("--no-binary", package)]
            arguments += [word for wheel in kept.values() for word in ("--find-links", wheel.parent)]
        limits = [limit for limit in (request.spec.exclude_newer, self.engine.policy.newest(), request.before) if limit]
        if limits:
            arguments += ["--exclude-newer", min(limits)]
        if request.limits:
            text = "".join(f"{item.text}\n" for item in request.limits)
            arguments += ["--constraints", self.engine.write(f"{name}.limits.txt", text)]
        if request.spec.overrides:
            text = "".join(f"{item.text}\n" for item in request.spec.overriding)
            arguments += ["--overrides", self.engine.write(f"{name}.overrides.txt", text)]
        if request.prerelease:
            arguments += ["--prerelease", "allow"]
        done = self.engine.run(
            arguments,
            offline=request.offline,
            fresh=request.fresh,
            configuration=compilation.with_alone(request.spec.no_deps),
            report=report,
        )
        if name == LOCK:
            self.remarks = remarks_in(done.stderr)
        return out.read_text(encoding="utf-8")

    def _kept(self, request: ResolveRequest) -> dict[str, Path]:
        """Wheels built from the sources of an earlier lock: with these, no code of those packages has to run again,
        unless a newer version was allowed."""
        builder = Builder(self.engine)
        found = {
            row.name: builder.kept(row.name, next(iter(row.sdist.values())).sha256, request.interpreter)
            for row in _sources(request)
            if not (row.name in request.allow_build and (request.upgrade_all or row.name in request.upgrade))
        }
        return {name: wheel for name, wheel in found.items() if wheel}

    def _finished(self, row: Package, request: ResolveRequest, places: Mapping[str, Source], report: Report) -> Package:
        """The row, with what the pylock does not say: local folders, and which revision of a repository was asked
        for."""
        kept = next((p for p in _sources(request) if p.name == row.name and p.version == row.version), None)
        if kept and row.name in self._kept(request):
            return kept
        place = places.get(row.name)
        if place and place.path:
            return self._local_row(row, place, request, report)
        if place and place.vcs and row.vcs and row.vcs.type == "git" and not row.vcs.requested_revision:
            revision = place.vcs.requested_revision
            row = msgspec.structs.replace(row, vcs=msgspec.structs.replace(row.vcs, requested_revision=revision))
        return row

    def _local_row(self, row: Package, place: Source, request: ResolveRequest, report: Report) -> Package:
        assert place.path
        directory = self.local.remember(place.path, editable=place.editable)
        builder = Builder(self.engine)
        if place.editable:
            version = builder.version_of(row.name, place.path, request.interpreter, report)
            return Package(name=row.name, version=version, marker=row.marker, directory=directory)
        filename, file = builder.built_from_folder(place.path, request.interpreter, report)
        version = filename.split("-")[1]
        directory = Directory(id=directory.id)
        return Package(name=row.name, version=version, marker=row.marker, wheels={filename: file}, directory=directory)


def _sources(request: ResolveRequest) -> list[Package]:
    rows = request.previous.packages if request.previous else ()
    return rows_here([row for row in rows if row.sdist], request.interpreter)


def _known(request: ResolveRequest) -> list[str]:
    """Names that will be part of the lock, as far as this is known in advance."""
    return [*request.spec.names, *ALWAYS, *(of_indexes(request.previous.packages) if request.previous else ())]


def of_indexes(rows: Iterable[Package]) -> list[str]:
    """Names of the packages that may come from any index."""
    return [row.name for row in rows if not (row.directory or row.vcs or row.index)]


def _built(request: ResolveRequest, policy: Policy) -> frozenset[str]:
    """Packages that an approved lock builds from source: the user allowed this, and a policy still does. Not those that
    are upgraded: that would build another version, which nobody has allowed."""
    rows = _sources(request) if request.own and not request.upgrade_all else []
    return frozenset(r.name for r in rows if r.name not in request.upgrade and policy.may_build(r.name, r.index))
