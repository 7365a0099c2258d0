"""How a kernel is started: by which step, and what it is given. What to start, `decision.py` says.

The provisioner and `standalone.py` are two doors to this. Nothing here starts a process or asks the network."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from ..errors import EnvsError
from ..kernel.context import read_context, write
from ..kernel.sweep import remove, sweep
from ..settings import Settings
from ..store import uses
from ..system.files import make_private
from ..system.leases import LEASE_VARIABLE, Lease
from ..system.scripts import CLI, LAUNCHER, STANDIN

if TYPE_CHECKING:
    from ..environments.status import Status

FOREIGN = (
    "PYTHONHOME",
    "PYTHONEXECUTABLE",
    "__PYVENV_LAUNCHER__",
    "VIRTUAL_ENV",
    "VIRTUAL_ENV_PROMPT",
)
USERS_PATH = "JUPYTER_ENVS_PYTHONPATH"
"""PYTHONPATH for a kernel: its code shall find those modules, its start shall not."""
CONTEXT = "JUPYTER_ENVS_CONTEXT"
TROUBLE = "JUPYTER_ENVS_TROUBLE"
"""Why the stand-in runs, as JSON: {sentence, hint}. Used if not even the context file can be written or read."""
WITHOUT = "JUPYTER_ENVS_WITHOUT"
"""Given to a kernel whose notebook should run in the base environment until its own is built."""
AFTER = "JUPYTER_ENVS_AFTER"
"""Given to a kernel that replaces a stand-in: the id of the stand-in, which knows the block of the open document. The
file may have another one."""
NOTEBOOK_VARIABLE = "JUPYTER_ENVS_NOTEBOOK"
"""Set by callers: the notebook that a kernel is for."""
RECORDED = "JUPYTER_ENVS_RECORDED"
"""Given by a program that runs a notebook and saves it: its path. Changes wait there, and that program records them."""
CONTEXT_TIMEOUT = 0.3
"""Seconds that a start waits for another process that changes its context file; the user waits for the kernel."""
NOT_PASSED_ON = (
    WITHOUT, AFTER, RECORDED, NOTEBOOK_VARIABLE, "JUPYTER_ENVS_CONSENT", "JUPYTER_ENVS_KERNEL", LEASE_VARIABLE,
    USERS_PATH,
)  # fmt: skip


@dataclass(frozen=True)
class Spawn:
    """A new process with this command line and these variables, and none but these."""

    argv: tuple[str, ...]
    environ: Mapping[str, str]


How: TypeAlias = Spawn
"""How a kernel starts. Another kind (say a fork of a process that has loaded the packages already) is one more class
here, `How: TypeAlias = Spawn | Fork`: mypy then names each door that has to learn it, since every door matches on the
kind and returns from the match."""


@dataclass(frozen=True)
class Launch:
    """One start of a kernel. `environment` as Environment.to_dict(); without one, the stand-in starts."""

    kernel: str
    notebook: Path | None = None
    block: dict[str, Any] | None = None
    environment: dict[str, Any] | None = None
    base: bool = False
    status: Status | None = None
    language_info: dict[str, Any] | None = None
    note: str = ""
    launches: int = 0
    """This start and those before it, as long as none has answered."""
    without: bool = False
    """It runs in the base environment, although the notebook brings one of its own."""
    recorded: bool = False
    """The program that started it records its changes."""
    read: Mapping[str, Any] | None = None
    """The content of the context from which a restart was decided."""
    lease: Lease | None = field(default=None, compare=False)
    """On the environment. It is passed to the process; the starter closes its own then."""

    @property
    def standin(self) -> bool:
        return self.environment is None

    def how(self, connection_file: str, environ: Mapping[str, str], settings: Settings) -> How:
        """`environ`: the variables of whoever starts it."""
        if self.environment is None:
            return Spawn(_standin(connection_file), self._environ(environ, settings))
        words = (str(self.environment["python"]), str(LAUNCHER), "-f", connection_file)
        return Spawn(words, self._environ(environ, settings))

    def _environ(self, environ: Mapping[str, str], settings: Settings) -> dict[str, str]:
        """The kernel's variables: the notebook's environment first on PATH, nothing of another Python's."""
        env = inside(self.environment, environ, settings)
        path = env.pop("PYTHONPATH", "")
        if path and not self.standin:
            env[USERS_PATH] = path
        env[CONTEXT] = str(context_file(settings, self.kernel))
        if self.lease and self.lease.exact:
            env[LEASE_VARIABLE] = str(self.lease.fd)
        if self.standin:
            error = self.status.error if self.status else None
            env[TROUBLE] = trouble(self.status.sentence if self.status else "", error.hint if error else "")
        return env

    def context(self) -> dict[str, Any]:
        return {
            "version": 1,
            "kernel": self.kernel,
            "notebook": str(self.notebook) if self.notebook else None,
            "cli": list(CLI),
            "block": self.block,
            "environment": self.environment,
            "seen": None,
            "restart": None,
            "asking": None,
            "base": self.base,
            "status": self.status.to_dict() if self.status else {},
            "standin": self.standin,
            "language_info": self.language_info,
            "note": self.note,
            "launches": self.launches,
            "without": self.without,
            "recorded": self.recorded,
        }


def trouble(sentence: str, hint: str = "") -> str:
    """The value of TROUBLE."""
    return msgspec.json.encode({"sentence": sentence, "hint": hint}).decode()


def without_home(error: Exception, connection_file: str, environ: Mapping[str, str]) -> How:
    """A stand-in where nothing may be read or written in our home, or nobody knows where that is: all that it can know
    is in its variables."""
    env = {k: v for k, v in environ.items() if k not in (*FOREIGN, *NOT_PASSED_ON, CONTEXT, "PYTHONPATH")}
    told = trouble(sentence_of(error), error.hint if isinstance(error, EnvsError) else "")
    return Spawn(_standin(connection_file), env | {TROUBLE: told})


def _standin(connection_file: str) -> tuple[str, ...]:
    return sys.executable, str(STANDIN), "-f", connection_file


def sentence_of(error: Exception) -> str:
    return error.sentence if isinstance(error, EnvsError) else f"{type(error).__name__}: {error}"


def inside(environment: Mapping[str, Any] | None, environ: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """The variables of a process that runs in an environment, as Environment.to_dict(): it is the first on PATH, and
    there is nothing of another Python but PYTHONPATH, which the user has set for every Python."""
    env = {k: v for k, v in environ.items() if k not in (*FOREIGN, *NOT_PASSED_ON)}
    stubs = str(settings.home / "kernels")
    path = [entry for entry in env.get("PATH", os.defpath).split(os.pathsep) if not entry.startswith(stubs)]
    if environment is not None:
        env["VIRTUAL_ENV"] = environment["prefix"]
        path.insert(0, environment["bin"])
    env["PATH"] = os.pathsep.join(path)
    return env


def context_file(settings: Settings, kernel: str) -> Path:
    return settings.home / "kernels" / f"{kernel}.json"


def keep(launch: Launch, settings: Settings) -> None:
    """Writes the context file (0600), and deletes what the last start of this kernel left."""
    path = context_file(settings, launch.kernel)
    remove([str(path.with_suffix(suffix)) for suffix in (".started", ".died")])
    make_private(path.parent)
    context = launch.context()
    write(str(path), lambda: {**context, **_newer(launch, path)}, CONTEXT_TIMEOUT)


def _newer(launch: Launch, path: Path) -> dict[str, Any]:
    """The block, if the document has said another one since the start was decided: the next restart takes that."""
    if launch.read is None:
        return {}
    now = read_context(str(path))
    return {"block": now["block"]} if "block" in now and now["block"] != launch.read.get("block") else {}


def remember(launch: Launch, settings: Settings) -> None:
    """What no kernel has to wait for: which environment is used, and what ended kernels left. Never raises."""
    with contextlib.suppress(OSError):
        sweep(str(settings.home / "kernels"))
        if launch.environment:
            uses.remember(settings.home, launch.environment["id"], launch.notebook)
