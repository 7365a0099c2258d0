"""Small wheels from an index of their own, put into environments by the real store and the real uv."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from jupyter_envs.consent import gate
from jupyter_envs.consent.consents import Consents
from jupyter_envs.engines.uv.installer import UvInstaller
from jupyter_envs.engines.uv.tool import Engine
from jupyter_envs.environments.here import Here
from jupyter_envs.environments.publishing import publish
from jupyter_envs.machine.indexes import Index, Indexes
from jupyter_envs.machine.interpreters import Interpreter
from jupyter_envs.model.closure import Chosen, Closure
from jupyter_envs.model.progress import Report
from jupyter_envs.settings import Settings
from jupyter_envs.store import Environment, Store, finishing
from jupyter_envs.store.venv import bare

from ..fakes import HERE
from ..local_index import LocalIndex
from ..wheels import Dist
from .sides import Side, ours


class Notes(Report):
    def __init__(self) -> None:
        self.told: list[str] = []

    def note(self, text: str) -> None:
        self.told.append(text)


@dataclass
class Bench:
    """Everything lies in `folder`: a store, uv's cache, plain environments. `notes`: what the last build told."""

    folder: Path
    mode: str = "links"
    compile: str = "never"
    notes: list[str] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return Settings(
            home=self.folder / "home", store=self.folder / "store", link_mode=self.mode, compile=self.compile
        )

    @property
    def store(self) -> Store:
        return Store(self.settings)

    @property
    def cache(self) -> Path:
        return self.settings.cache / "uv"

    def environment(self, *dists: Dist, python: Interpreter = HERE) -> Environment:
        value, report = closure(dists, python), Notes()
        self.notes = report.told
        approved = gate.approve(value, value.consent_digest({}), Consents(self.settings), gate.Answer(setup=True))
        with self._installer(dists) as installer:
            return publish(approved, installer, Here(self.settings), report)

    def folded(self, *dists: Dist, python: Interpreter = HERE) -> Side:
        return ours(self.environment(*dists, python=python))

    def plain(self, *dists: Dist, python: Interpreter = HERE) -> Side:
        """As uv makes it."""
        prefix = self.folder / "plain" / closure(dists, python).id
        bare(prefix, python)
        with self._installer(dists) as installer:
            installer.install(closure(dists, python), prefix)
        return Side(prefix, python.version)

    def both(self, *dists: Dist, python: Interpreter = HERE) -> tuple[Side, Side]:
        return self.folded(*dists, python=python), self.plain(*dists, python=python)

    def finish(self) -> None:
        """What goes on in the background, done now."""
        finishing.finish(replace(self.settings, compile="now"))

    def wheel_folder(self, name: str) -> Path:
        return next(wheel.folder for wheel in self.store.own.wheels.all() if wheel.name == name)

    @contextmanager
    def _installer(self, dists: tuple[Dist, ...]) -> Iterator[UvInstaller]:
        with LocalIndex(dists) as index:
            known = Indexes((Index("local", index.url, default=True),))
            with Engine(self.settings, known) as engine:
                yield UvInstaller(engine)


def closure(dists: tuple[Dist, ...], python: Interpreter = HERE) -> Closure:
    return Closure(python, tuple(Chosen(d.name, d.version, "wheel", d.sha256, filename=d.filename) for d in dists))
