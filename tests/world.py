"""A world in memory for tests of what a change may bring: indexes, addresses, two Pythons, and a resolver that prefers
whatever it is given to prefer. Everything else is the real thing: blocks, ownership, consents, policy, the resolver but
for uv."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from packaging.specifiers import SpecifierSet

from jupyter_envs.consent.gate import Approved
from jupyter_envs.engines.protocols import Need, ResolveRequest
from jupyter_envs.engines.uv.project import ALWAYS, Compilation
from jupyter_envs.engines.uv.resolver import UvResolver, _built
from jupyter_envs.environments.maker import Maker
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import EnvsError, PythonError, ResolveError
from jupyter_envs.machine import interpreters
from jupyter_envs.machine.indexes.facts import Known
from jupyter_envs.machine.interpreters import Interpreter
from jupyter_envs.model.closure import marker_environment, select
from jupyter_envs.model.lock import Lock
from jupyter_envs.model.progress import SILENT, Report
from jupyter_envs.model.requirement import Source
from jupyter_envs.model.requirement import requirement_of as asked
from jupyter_envs.model.spec import Spec
from jupyter_envs.settings import Settings
from jupyter_envs.store import Environment

from .fakes import HERE

OTHER = replace(HERE, version="3.99.1", path=HERE.path.with_name("python3.99"))
PYTHONS = {"3.99": OTHER, HERE.minor: HERE}
NEEDS = {"apple": ("core",), "thin": ("core", "plum<2")}
GOOD = ("apple", "berry", "cherry", "core", "plum", "thin", *ALWAYS)
EVIL = ("evil", "worse")
SOURCE = "stone"
"""Has no wheel."""
OLD, STEERED, NEW = "1.0", "1.5", "2.0"
"""Nobody gets the old one who does not ask for it; the one between is what the index `corner` has."""
DATE = "2020-06-01"
ELSEWHERE = "https://elsewhere.example"


def sha_of(name: str, version: str) -> str:
    return hashlib.sha256(f"{name} {version}".encode()).hexdigest()


def address(name: str, ending: str = "-6.6-py3-none-any.whl") -> str:
    return f"{ELSEWHERE}/{name}{ending}"


@dataclass(frozen=True)
class Built:
    """One file that was put on disk: of which package, from where (an address, an index or ""), for which Python."""

    name: str
    version: str
    origin: str
    minor: str


@dataclass
class Log:
    built: list[Built] = field(default_factory=list)
    reached: list[str] = field(default_factory=list)
    """Addresses and indexes that were asked, but for the default index."""
    ran: list[str] = field(default_factory=list)
    """Names of packages whose source was built."""


class Steered(UvResolver):
    """uv, but for uv: newest first, and of what is preferred the oldest, wherever the preference comes from."""

    log: Log

    def compile(self, compilation: Compilation, report: Report) -> str:
        request, places, only_wheels = compilation.request, compilation.places, compilation.only_wheels
        self.log.reached += [place.vcs.url for place in places.values() if place.vcs]
        self.log.ran += [name for name, place in places.items() if place.runs_code]
        allowed = request.allow_build | _built(request, self.engine.policy)
        found: dict[str, str] = {}
        todo = [*compilation.requirements, *map(asked, ALWAYS)]
        while todo:
            item = todo.pop(0)
            if item.marker and not item.marker.evaluate(marker_environment(request.interpreter)):
                continue
            limits = item.specifier
            known = found.get(item.name)
            if item.name in places or (known and limits.contains(known)):
                found.setdefault(item.name, "6.6")
                continue
            if item.name == SOURCE and only_wheels and SOURCE not in allowed:
                raise ResolveError("no-wheel-here", "stone has no wheel.")
            versions = [v for v in self._versions(item.name, request) if limits.contains(v)]
            if not versions:
                raise ResolveError("conflict", f"{item.text} cannot be downloaded.")
            found[item.name] = self._preferred(item.name, versions, request)
            if item.name == SOURCE and only_wheels:
                self.log.ran.append(SOURCE)
            todo += map(asked, NEEDS.get(item.name, ()))
        head = f'lock-version = "1.0"\ncreated-by = "uv"\nrequires-python = ">={request.interpreter.minor}"\n'
        return head + "".join(_package(each, found[each], places.get(each)) for each in sorted(found))

    def _versions(self, name: str, request: ResolveRequest) -> list[str]:
        """Oldest first."""
        if name not in (*GOOD, *EVIL, SOURCE):
            raise ResolveError("no-such-package", f"There is no {name}.")
        if index := request.spec.index_of(name):
            self.log.reached.append(index)
            return [STEERED]
        return [OLD] if request.spec.exclude_newer else [OLD, NEW]

    @staticmethod
    def _preferred(name: str, versions: list[str], request: ResolveRequest) -> str:
        rows = request.previous.packages if request.previous and not request.upgrade_all else ()
        wished = sorted(row.version for row in rows if row.name == name and name not in request.upgrade)
        return next((version for version in wished if version in versions), versions[-1])


def _package(name: str, version: str, place: Source | None) -> str:
    head = f'[[packages]]\nname = "{name}"\nversion = "{version}"\n'
    sha256 = sha_of(name, version)
    if place and place.vcs:
        sha256 = place.vcs.sha256 or sha256
        return head + f'archive = {{ url = "{place.vcs.url}", hashes = {{ sha256 = "{sha256}" }} }}\n'
    if name == SOURCE:
        return head + f'sdist = {{ url = "https://x/{name}-{version}.tar.gz", hashes = {{ sha256 = "{sha256}" }} }}\n'
    return (
        head
        + f'wheels = [{{ url = "https://x/{name}-{version}-py3-none-any.whl", hashes = {{ sha256 = "{sha256}" }} }}]\n'
    )


@dataclass(frozen=True)
class WritesDown(Maker):
    """Nothing is put on disk: what would be is written down."""

    log: Log

    def resolve(self, request: ResolveRequest, report: Report) -> Lock:
        with self.here.engine() as engine:
            resolver = Steered(engine)
            resolver.log = self.log
            return resolver.resolve(request, report)

    def needs_in(self, spec: Spec, error: EnvsError) -> tuple[Need, ...]:
        return ()

    def look_up(self, wanted: Mapping[str, str | None], seconds: float) -> dict[str, Known | None]:
        """No index is asked."""
        return {}

    def build(self, approved: Approved, spec: Spec, report: Report) -> Environment:
        python = approved.closure.interpreter
        for row in approved.closure.rows:
            self.log.built.append(Built(row.name, row.version, row.origin.removeprefix("index:"), python.minor))
            self.log.reached += [row.origin.removeprefix("index:")] if row.origin else []
            self.log.ran += [row.name] if row.runs_code else []
        return Environment(approved.closure.id, Path("/nowhere"), python.version, approved.closure.versions)


class World(Environments):
    """The use cases of one user."""

    def __init__(self, settings: Settings, log: Log | None = None) -> None:
        self.log = log or Log()
        super().__init__(settings, lambda here: WritesDown(here, self.log))


def choose(requires: str | None, settings: Settings, *, prefer_minor: str | None = None) -> Interpreter:
    """In place of interpreters.choose."""
    limits = SpecifierSet(requires or "")
    fits = [python for python in PYTHONS.values() if limits.contains(python.version)]
    if not fits:
        raise PythonError("no-python", f"No Python {requires} is here.", hint="Install one.")
    return next((p for p in fits if p.minor == (prefer_minor or HERE.minor)), HERE if HERE in fits else fits[0])


def world(home: Path, monkeypatch: Any) -> World:
    """A user with nothing but his base environment."""
    monkeypatch.setattr(interpreters, "choose", choose)
    configuration = Path.home() / ".config" / "uv" / "uv.toml"
    configuration.parent.mkdir(parents=True, exist_ok=True)
    configuration.write_text('[[index]]\nname = "corner"\nurl = "https://corner.example/simple"\nexplicit = true\n')
    made = World(Settings(home=home, store=home / "store"))
    closure = select(WritesDown(made.here, made.log).resolve(ResolveRequest(Spec(), HERE), SILENT), HERE)
    made.here.consents.remember(made.here.consent_digest(closure), closure, "setup")
    return World(made.here.settings, made.log)  # a process of its own, as the set-up is one
