"""Spec -> Lock, by `uv pip compile`. Nothing of a package runs here unless the user allowed its build."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import msgspec
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.version import Version

from . import __version__, pylock
from .closure import marker_environment, rank_of, supported_tags
from .engine import Engine, needs_build
from .errors import ConsentNeeded, EnvsError, IndexError_, ResolveError
from .interpreters import Interpreter
from .lock import Directory, Lock, Package, Vcs
from .report import SILENT, Report
from .sources import LocalSources, Typed
from .spec import Spec

ALWAYS = ("ipykernel",)
"""Locked with every notebook: without it nothing could run."""


@dataclass(frozen=True)
class Request:
    """What to resolve. `places` are typed sources, by name; rows of `previous` that still fit are kept,
    except those named in `upgrade` (all of them when `upgrade_all`)."""

    spec: Spec
    interpreter: Interpreter
    previous: Lock | None = None
    upgrade: frozenset[str] = frozenset()
    upgrade_all: bool = False
    places: Mapping[str, Typed] = field(default_factory=dict)
    allow_build: frozenset[str] = frozenset()
    offline: bool = False
    prerelease: bool = False


class Resolver(Protocol):
    def resolve(self, request: Request, report: Report = SILENT) -> Lock:
        """Raises ResolveError, IndexError_, InstallError, or ConsentNeeded `needs-build`."""


@dataclass(frozen=True)
class Place:
    """Where a package comes from when no index has it."""

    vcs: Vcs | None = None
    path: Path | None = None
    editable: bool = False

    @property
    def url(self) -> str:
        if self.path:
            return self.path.as_uri()
        assert self.vcs
        if self.vcs.type == "archive":
            return self.vcs.url + (f"#sha256={self.vcs.sha256}" if self.vcs.sha256 else "")
        revision = self.vcs.commit_id or self.vcs.requested_revision
        fragment = f"#subdirectory={self.vcs.subdirectory}" if self.vcs.subdirectory else ""
        return f"git+{self.vcs.url}{f'@{revision}' if revision else ''}{fragment}"

    @property
    def runs_code(self) -> bool:
        return self.path is not None or (self.vcs is not None and not self.vcs.url.endswith(".whl"))


class UvResolver:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.local = LocalSources(engine.settings.home)

    def resolve(self, request: Request, report: Report = SILENT) -> Lock:
        report.phase("resolve", "Resolving " + (", ".join(request.spec.names[:3]) or "the base environment"))
        places = self._places(request)
        self._ask_before_code(request, places)
        try:
            text = self._compile("lock", request, places, request.spec.dependencies, report)
        except ResolveError as error:
            raise self._naming_kernel(error, request) from None
        index_of = {name: index for index, names in request.spec.indexes.items() for name in names}
        rows = pylock.rows(pylock.read(text), request.interpreter, index_of)
        self._never_an_ancient_one(request, places, rows, report)
        return Lock(
            lock_version="1.0",
            created_by=f"jupyter-envs {__version__}",
            spec=request.spec.digest,
            requires_python=f"=={request.interpreter.minor}.*",
            packages=tuple(self._finished(row, request, places, report) for row in rows),
        )

    def _places(self, request: Request) -> dict[str, Place]:
        places: dict[str, Place] = {}
        for row in request.previous.packages if request.previous else ():
            if row.name not in request.spec.names:
                continue
            if row.vcs:
                fresh = request.upgrade_all or row.name in request.upgrade
                vcs = msgspec.structs.replace(row.vcs, commit_id=None) if fresh else row.vcs
                places[row.name] = Place(vcs=vcs)
            elif row.directory:
                path = self.local.path_of(row.name, row.directory.id)
                places[row.name] = Place(path=path, editable=row.directory.editable)
        for name, typed in request.places.items():
            if typed.placed:
                places[name] = Place(vcs=typed.vcs, path=typed.path, editable=typed.editable)
            elif typed.requirement != typed.name:
                places.pop(name, None)
        return places

    def _ask_before_code(self, request: Request, places: Mapping[str, Place]) -> None:
        """A folder is the user's own; code that comes from elsewhere needs his yes first."""
        foreign = [
            name
            for name, place in places.items()
            if place.runs_code and not place.path and name in request.places and name not in request.allow_build
        ]
        if foreign:
            raise needs_build(foreign, why={n: f"{n} comes as source from {places[n].vcs.url}" for n in foreign})  # type: ignore[union-attr]  # no path, so a vcs

    def _compile(
        self,
        name: str,
        request: Request,
        places: Mapping[str, Place],
        dependencies: tuple[str, ...],
        report: Report,
        *,
        more: tuple[str | Path, ...] = (),
        configuration: Path | None = None,
        offline: bool = False,
        only_wheels: bool = True,
    ) -> str:
        """The pylock.toml that uv makes of these dependencies, as text."""
        out = self.engine.folder / f"pylock.{name}.toml"
        project = self.engine.folder / name
        project.mkdir(exist_ok=True)
        (project / "pyproject.toml").write_text(self._project(request, places, dependencies), encoding="utf-8")
        if request.previous and not request.upgrade_all and only_wheels:
            out.write_text(_preferences(request.previous, request.upgrade), encoding="utf-8")
        arguments: list[str | Path] = [
            *("pip", "compile", project / "pyproject.toml", "--universal", "--format", "pylock.toml", "-o", out),
            *("--python-version", request.interpreter.minor, "--python", request.interpreter.path, *more),
        ]
        if only_wheels:
            arguments += ["--only-binary", ":all:"]
            allowed = request.allow_build | {n for n, p in places.items() if p.runs_code} | _built(request.previous)
            arguments += [word for package in sorted(allowed) for word in ("--no-binary", package)]
        if request.spec.exclude_newer:
            arguments += ["--exclude-newer", request.spec.exclude_newer]
        if request.prerelease:
            arguments += ["--prerelease", "allow"]
        self.engine.run(arguments, offline=offline or request.offline, configuration=configuration, report=report)
        return out.read_text(encoding="utf-8")

    def _project(self, request: Request, places: Mapping[str, Place], dependencies: tuple[str, ...]) -> str:
        """A pyproject.toml: the only input in which uv takes one package from one index."""
        lines = [_placed(text, places) for text in dependencies]
        lines += [name for name in ALWAYS if name not in request.spec.names]
        text = ["[project]", 'name = "notebook"', 'version = "0"', f"dependencies = {json.dumps(lines)}"]
        text += ["[tool.uv.sources]"]
        for name, place in places.items():
            if place.path and place.editable:
                text.append(f"{name} = {{ path = {json.dumps(str(place.path))}, editable = true }}")
        for index, names in request.spec.indexes.items():
            text += [f"{name} = {{ index = {json.dumps(index)} }}" for name in names if name not in places]
        for index in request.spec.indexes:
            found = self.engine.indexes.by_name(index)
            text += ["[[tool.uv.index]]", f"name = {json.dumps(index)}", f"url = {json.dumps(found.url)}", "explicit = true"]
        return "\n".join(text) + "\n"

    def _never_an_ancient_one(
        self, request: Request, places: Mapping[str, Place], rows: tuple[Package, ...], report: Report
    ) -> None:
        """Wheels alone may give an old version, silently: uv skips versions that it may not build. Ask instead.

        Which version sources would give is asked with every package's needs declared empty, so nothing is built."""
        kept = {row.name: row.version for row in request.previous.packages} if request.previous else {}
        chosen = {row.name: row for row in _here(rows, request.interpreter)}
        fresh = tuple(
            text
            for text, name in zip(request.spec.dependencies, request.spec.names, strict=True)
            if name in chosen and name not in places and name not in request.allow_build
            and (request.upgrade_all or name in request.upgrade or kept.get(name) != chosen[name].version)
        )
        if not fresh:
            return
        for name, newest, has_wheel in self._newest_with_sources(request, fresh, report):
            if Version(newest) <= Version(chosen[name].version):
                continue
            if not has_wheel:
                older = f"{name} {newest} has no wheel for Python {request.interpreter.minor} (the newest with one is {chosen[name].version})"
                raise needs_build([name], why={name: older})
            self._ask_what_holds_it_back(request, places, name, newest, report)

    def _newest_with_sources(
        self, request: Request, fresh: tuple[str, ...], report: Report
    ) -> list[tuple[str, str, bool]]:
        """(name, newest version, whether a wheel of it fits) of each, from index pages that are cached by now."""
        names = [Requirement(text).name for text in fresh]
        bare = "".join(f"[[dependency-metadata]]\nname = {json.dumps(n)}\nrequires-dist = []\n" for n in (*names, *ALWAYS))
        configuration = self.engine.write("sources.uv.toml", bare)
        alone = replace(request, previous=None)
        more = ("--no-deps",)
        try:
            text = self._compile(
                "sources", alone, {}, fresh, report, more=more, configuration=configuration, offline=True, only_wheels=False
            )
        except EnvsError:
            return []  # nothing is known beyond what was chosen
        ranks = {tag: i for i, tag in enumerate(supported_tags(request.interpreter.minor, request.interpreter.abiflags))}
        here = marker_environment(request.interpreter)
        return [
            (str(p.name), str(p.version), any(rank_of(w.filename, ranks) < len(ranks) for w in p.wheels or ()))
            for p in pylock.read(text).packages
            if p.name in names and p.version and (p.marker is None or p.marker.evaluate(here))
        ]

    def _ask_what_holds_it_back(
        self, request: Request, places: Mapping[str, Place], name: str, newest: str, report: Report
    ) -> None:
        pinned = tuple(
            _pinned(text, newest) if Requirement(text).name == name else text for text in request.spec.dependencies
        )
        try:
            self._compile("newest", replace(request, previous=None), places, pinned, report)
        except ConsentNeeded as error:
            names = error.data["packages"]
            raise needs_build(
                names, error.details, why={name: f"{name} {newest} needs {', '.join(names)}, which has no wheel"}
            ) from None
        except EnvsError:
            return  # an honest conflict holds it back

    def _finished(self, row: Package, request: Request, places: Mapping[str, Place], report: Report) -> Package:
        """The row with what the pylock does not say: local folders, and hashes where an index gives none."""
        place = places.get(row.name)
        if place and place.path:
            return self._local_row(row, place, report)
        if place and place.vcs and row.vcs and row.vcs.type == "git" and not row.vcs.requested_revision:
            asked = request.places.get(row.name)
            revision = asked.vcs.requested_revision if asked and asked.vcs else place.vcs.requested_revision
            row = msgspec.structs.replace(row, vcs=msgspec.structs.replace(row.vcs, requested_revision=revision))
        if any(not f.sha256 for f in (*row.wheels.values(), *row.sdist.values())):
            return self._hashed_here(row, request, report)
        return row

    def _local_row(self, row: Package, place: Place, report: Report) -> Package:
        from .installer import Builder

        assert place.path
        directory = self.local.remember(place.path, editable=place.editable)
        builder = Builder(self.engine)
        if place.editable:
            version = builder.version_of(place.path, report)
            return Package(name=row.name, version=version, marker=row.marker, directory=directory)
        filename, file = builder.built_from_folder(place.path, report)
        version = filename.split("-")[1]
        directory = Directory(id=directory.id)
        return Package(name=row.name, version=version, marker=row.marker, wheels={filename: file}, directory=directory)

    def _hashed_here(self, row: Package, request: Request, report: Report) -> Package:
        """The files that this machine would take, hashed by uv, which downloads them for that."""
        out = self.engine.folder / "hashes.txt"
        source = self.engine.write("hashes.in", f"{row.name}=={row.version}\n")
        report.note(f"The index gives no hashes for {row.name}: hashed here, for this platform only.")
        arguments = ["pip", "compile", source, "--generate-hashes", "--no-deps", "-o", out, "--python", request.interpreter.path]
        if row.wheels:
            arguments += ["--only-binary", ":all:"]
        self.engine.run(arguments, report=report)
        hashes = [word[len("--hash=sha256:") :] for word in out.read_text().split() if word.startswith("--hash=sha256:")]
        ranks = {tag: i for i, tag in enumerate(supported_tags(request.interpreter.minor, request.interpreter.abiflags))}
        files = row.wheels or row.sdist
        best = min(files, key=lambda f: rank_of(f, ranks) if row.wheels else 0)
        if len(hashes) != 1:
            raise IndexError_(
                "no-hashes", f"The index gives no hashes for {row.name}, and none could be made here.",
                hint="Ask the index's owner for hashes, or install a version from another index.",
            )  # fmt: skip
        hashed = {best: msgspec.structs.replace(files[best], sha256=hashes[0])}
        return msgspec.structs.replace(row, **({"wheels": hashed} if row.wheels else {"sdist": hashed}))

    @staticmethod
    def _naming_kernel(error: ResolveError, request: Request) -> ResolveError:
        if error.code == "conflict" and "ipykernel" in error.details:
            error.sentence = error.sentence.rstrip(".") + "; ipykernel is what lets the notebook run at all."
        return error


def _built(lock: Lock | None) -> frozenset[str]:
    """Packages that an earlier lock builds from source: the user allowed them then."""
    rows = lock.packages if lock else ()
    return frozenset(row.name for row in rows if row.sdist)


def _placed(text: str, places: Mapping[str, Place]) -> str:
    parsed = Requirement(text)
    place = places.get(parsed.name)
    if place is None or place.editable:
        return text
    extras = f"[{','.join(sorted(parsed.extras))}]" if parsed.extras else ""
    marker = f" ; {parsed.marker}" if parsed.marker else ""
    return f"{parsed.name}{extras} @ {place.url}{marker}"


def _pinned(text: str, version: str) -> str:
    parsed = Requirement(text)
    extras = f"[{','.join(sorted(parsed.extras))}]" if parsed.extras else ""
    marker = f" ; {parsed.marker}" if parsed.marker else ""
    return f"{parsed.name}{extras}=={version}{marker}"


def _preferences(lock: Lock, upgrade: frozenset[str]) -> str:
    """A lock's versions as uv reads its own earlier output: kept where they still fit."""
    rows = [p for p in lock.packages if p.name not in upgrade and not p.directory and not p.vcs]
    head = f'lock-version = "1.0"\ncreated-by = "uv"\nrequires-python = ">={lock.minor}"\n'
    return head + "".join(f'[[packages]]\nname = "{p.name}"\nversion = "{p.version}"\n' for p in rows)


def _here(rows: tuple[Package, ...], interpreter: Interpreter) -> list[Package]:
    environment = marker_environment(interpreter)
    return [row for row in rows if row.marker is None or Marker(row.marker).evaluate(environment)]
