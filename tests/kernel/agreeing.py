"""Runs in a process of its own, whose view it moves: `agreeing.py FOLDER SEED` does what users and pages do, in a random
order, and compares what the server says of the kernel with what the kernel says of itself."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import random
import sys
from pathlib import Path
from types import SimpleNamespace

from folders import environment

from jupyter_envs.environments.status import Status
from jupyter_envs.kernel.context import Context, update
from jupyter_envs.kernel.magics import EnvMagics
from jupyter_envs.kernel.screen import Screen
from jupyter_envs.kernel.session import Session
from jupyter_envs.server.kernels import KernelFile
from jupyter_envs.server.states import States
from jupyter_envs.settings import Settings
from jupyter_envs.system import kept

SETS = [{}, {"one": "1.0"}, {"one": "2.0"}, {"one": "1.0", "two": "1.0"}, {"one": "2.0", "two": "1.0"}, {"two": "2.0"}]
STEPS = 60


class Stored(States):
    """Knows which environment a block has, and whether it is built: it is, as soon as a job has run."""

    def __init__(self, settings: Settings, made: list[dict]) -> None:
        super().__init__(settings)
        self.made = [SimpleNamespace(id=one["id"], to_dict=lambda one=one: one) for one in made]
        self.built = {0}

    def base(self):
        return self.made[0]

    def status(self, block: dict | None) -> Status:
        if block is None:
            return Status("no-block", "None.")
        number = block["set"]
        there = number in self.built
        return Status("ready" if there else "not-built", "So.", environment=self.made[number] if there else None)


class Machine:
    def __init__(self, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.made = [environment(str(folder), f"e{n}", packages) for n, packages in enumerate(SETS)]
        self.states = Stored(Settings(home=folder, store=folder / "store"), self.made)
        (folder / "kernels").mkdir(mode=0o700)
        self.path = str(folder / "kernels" / "k.json")
        self.document: dict | None = None
        self.told: str | None = None
        self.busy: list[dict] | None = None
        self.start(self.made[0])

    def start(self, first: dict) -> None:
        """As the provisioner does it, which takes the block of the context."""
        for name in ("one", "two"):
            for module in [m for m in sys.modules if m == name or m.startswith(name + ".")]:
                del sys.modules[module]
        sys.path[:] = [entry for entry in sys.path if "site-packages" not in entry or "/e" not in entry]
        sys.path += first["site"]
        sys.prefix = sys.exec_prefix = first["prefix"]
        os.environ.update(VIRTUAL_ENV=first["prefix"])
        importlib.invalidate_caches()
        values = {"version": 1, "kernel": "k", "cli": ["x"], "block": self.document, "environment": first,
                  "base": self.document is None, "standin": False}  # fmt: skip
        Path(self.path).write_text(json.dumps(values))
        Path(self.path).chmod(0o600)
        self.session = Session(Context.load(self.path), Screen, lambda text: "")
        self.session.comms.send = lambda message: True
        self.told, self.busy = None, None

    # -- what the page does --------------------------------------------------------------------------------------

    def server(self) -> tuple[dict | None, dict | None, str | None, str]:
        """What the kernel sees, what it has to be told, why it stays, and the state of its block."""
        context = kept.stated(Path(self.path), KernelFile)
        status = self.states.status(context.block)
        wanted, restart = self.states.coming(context, status)
        return context.sees, wanted and wanted.to_dict(), restart, status.state

    def look(self) -> None:
        """As the page does after each answer of the server."""
        _, wanted, restart, _ = self.server()
        if wanted and not restart and self.told != wanted["id"]:
            self.told = wanted["id"]
            message = {"type": "environment", "block": self.document, "environment": wanted, "changed": {}}
            if self.busy is None:
                self.session.changed_in_panel(message)
            else:
                self.busy.append(message)

    def write(self, number: int | None) -> None:
        """A revert, a reload from disk, another window: the document has that block, and the server is told."""
        self.document = None if number is None else {"version": 1, "set": number}
        update(self.path, block=self.document)

    # -- what users do -------------------------------------------------------------------------------------------

    def panel(self) -> None:
        number = self.random.randrange(1, len(SETS))
        self.states.built.add(number)
        self.write(number)

    def revert(self) -> None:
        self.write(self.random.choice([None, *range(1, len(SETS))]))

    def build(self) -> None:
        if self.document:
            self.states.built.add(self.document["set"])

    def cell(self) -> None:
        if self.busy is None:
            number = self.random.randrange(1, len(SETS))
            self.states.built.add(number)
            self.session.context.refresh()
            before, self.document = self.document, {"version": 1, "set": number}
            result = {"block": self.document, "environment": self.made[number], "changed": {}}
            with contextlib.redirect_stdout(io.StringIO()):
                self.session.adopt(before, result, sorted(SETS[number]), Screen())
            self.told = None

    def load(self) -> None:
        name = self.random.choice(["one", "two"])
        with contextlib.suppress(ImportError):
            importlib.import_module(name)

    def begin(self) -> None:
        self.busy = [] if self.busy is None else self.busy

    def end(self) -> None:
        waiting, self.busy = self.busy or [], None
        for message in waiting:
            self.session.changed_in_panel(message)

    def restart(self) -> None:
        self.end()
        status = self.states.status(self.document)
        if status.state != "not-built":  # else a stand-in would start
            first = status.environment.to_dict() if status.environment else self.made[0]
            self.start(first)

    # -- what they say -------------------------------------------------------------------------------------------

    def check(self) -> None:
        sees, wanted, restart, state = self.server()
        view = self.session.view
        assert sees["id"] == view.environment["id"], "the server names what can be imported now"
        for name, version in view.environment["packages"].items():
            if name not in sys.modules:
                importlib.invalidate_caches()
                folder = view.environment["site"][0]
                assert Path(folder, name).is_dir() and folder in sys.path
            else:
                assert sys.modules[name].version == version
        if self.busy is not None:
            return
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            EnvMagics(self.session, None).status("")
        lines = said.getvalue().splitlines()
        if state != "not-built":  # then the panel says that, and offers to build it
            assert [line for line in lines if line.startswith("restart")] == ([restart] if restart else [])
            assert (restart is None) == (wanted is None), "idle, it has heard of what it has to see"
            asked = SETS[self.document["set"]] if self.document else {}
            if restart is None:
                assert view.environment["packages"] == asked, "ready means: what is listed can be imported"

    def run(self) -> None:
        done = []
        for _ in range(STEPS):
            step = self.random.choice(
                [
                    self.panel,
                    self.revert,
                    self.build,
                    self.cell,
                    self.load,
                    self.load,
                    self.begin,
                    self.end,
                    self.restart,
                ]
            )
            step()
            self.look()
            done.append((step.__name__, self.document and self.document["set"]))
            try:
                self.check()
            except AssertionError as error:
                raise AssertionError(f"{error} after {done}: {self.server()}") from error


Machine(Path(sys.argv[1]), int(sys.argv[2])).run()
