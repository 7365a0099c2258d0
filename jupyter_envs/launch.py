"""How a kernel is started: which notebook, which environment or the stand-in, what its process is given.

The provisioner and `standalone.py` are two doors to this. Nothing here starts a process or asks the network."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .block import Block, parse_block
from .environments import Environments
from .errors import EnvsError, InputError
from .kernel.context import read
from .kernel.sweep import sweep
from .notebook.settled import read_settled
from .settings import Settings
from .status import Status
from .write import atomically

HERE = Path(__file__).resolve().parent
LAUNCHER = HERE / "kernel" / "launcher.py"
STANDIN = HERE / "standin.py"
CLI = (sys.executable, str(HERE / "__main__.py"))
DEATHS = 2
"""So many starts in a row that never answered, and the stand-in takes over."""
FOREIGN = (
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONEXECUTABLE",
    "__PYVENV_LAUNCHER__",
    "VIRTUAL_ENV",
    "VIRTUAL_ENV_PROMPT",
)
TROUBLE = "JUPYTER_ENVS_TROUBLE"
"""A sentence for the stand-in, where not even the context file can be written."""
NOT_PASSED_ON = ("JUPYTER_ENVS_NOTEBOOK", "JUPYTER_ENVS_CONSENT", "JUPYTER_ENVS_KERNEL")


@dataclass(frozen=True)
class Launch:
    """One start of a kernel. `environment` as Environment.to_dict(); without one, the stand-in starts."""

    kernel: str
    notebook: Path | None = None
    block: dict[str, Any] | None = None
    environment: dict[str, Any] | None = None
    base: bool = False
    status: dict[str, Any] = field(default_factory=dict)
    language_info: dict[str, Any] | None = None
    note: str = ""
    launches: int = 0
    """This one and those before it, as long as none has answered."""

    @property
    def standin(self) -> bool:
        return self.environment is None

    def argv(self, connection_file: str) -> list[str]:
        if self.environment is None:
            return [sys.executable, str(STANDIN), "-f", connection_file]
        return [self.environment["python"], str(LAUNCHER), "-f", connection_file]

    def environ(self, environ: Mapping[str, str], settings: Settings) -> dict[str, str]:
        """The kernel's variables: the notebook's environment first on PATH, nothing of another Python's."""
        env = {k: v for k, v in environ.items() if k not in (*FOREIGN, *NOT_PASSED_ON)}
        stubs = str(settings.home / "kernels")
        path = [
            entry for entry in env.get("PATH", os.defpath).split(os.pathsep) if not entry.startswith(stubs)
        ]
        if self.environment is not None:
            env["VIRTUAL_ENV"] = self.environment["prefix"]
            path.insert(0, self.environment["bin"])
        env["PATH"] = os.pathsep.join(path)
        env["JUPYTER_ENVS_CONTEXT"] = str(context_file(settings, self.kernel))
        if self.standin:
            env[TROUBLE] = str(self.status.get("sentence") or "")
        return env

    def context(self) -> dict[str, Any]:
        return {
            "version": 1,
            "kernel": self.kernel,
            "notebook": str(self.notebook) if self.notebook else None,
            "cli": list(CLI),
            "block": self.block,
            "environment": self.environment,
            "base": self.base,
            "status": self.status,
            "standin": self.standin,
            "language_info": self.language_info,
            "note": self.note,
            "launches": self.launches,
        }


def context_file(settings: Settings, kernel: str) -> Path:
    return settings.home / "kernels" / f"{kernel}.json"


def decide(
    kernel: str,
    notebook: Path | None,
    settings: Settings,
    *,
    named: bool = False,
    again: bool = False,
    note: str = "",
) -> Launch:
    """What to start. `named`: somebody named this notebook, so it has to be there; else it may be one that was never
    saved. `again`: a restart, whose block is the context's, not the file's. Writes nothing: who waited too long for it
    has already started something else.

    Never raises for what a notebook holds; StoreError and OSError for a home that cannot be used."""
    path = context_file(settings, kernel)
    before = read(str(path)) if again else {}
    launch = _decided(kernel, notebook, before if _knows(before) else None, settings, note, named)
    deaths = 0 if path.with_suffix(".started").exists() else int(before.get("launches") or 0)
    if launch.standin:
        return launch
    if again and deaths >= DEATHS:
        return _instead(launch, died(_text(path.with_suffix(".died"))))
    return replace(launch, launches=deaths + 1)


def keep(launch: Launch, settings: Settings) -> None:
    """Writes the context file (0600), and takes away what the last start of this kernel left."""
    path = context_file(settings, launch.kernel)
    for suffix in (".started", ".died"):
        path.with_suffix(suffix).unlink(missing_ok=True)
    atomically(path, json.dumps(launch.context()).encode())
    sweep(str(path.parent))


def _knows(before: Mapping[str, Any]) -> bool:
    """Whether a context says which block the kernel had: not where the notebook could not be read or looked up."""
    state = (before.get("status") or {}).get("state")
    lost = before.get("standin") and before.get("block") is None and state in ("invalid", "failed", "looking")
    return bool(before) and not lost


def _decided(
    kernel: str,
    notebook: Path | None,
    before: Mapping[str, Any] | None,
    settings: Settings,
    note: str,
    named: bool,
) -> Launch:
    rooms = Environments(settings)
    language_info = None
    try:
        # One that was never saved, or that a contents manager keeps elsewhere, has no file.
        needed = notebook is not None and ((named and before is None) or notebook.exists())
        file = read_settled(notebook) if notebook and needed else None
        language_info = file.language_info if file else None
        if file and file.language not in (None, "python"):
            file = notebook = None
        raw = (
            before.get("block")
            if before is not None
            else (file.block.to_dict() if file and file.block else None)
        )
        block = parse_block(raw) if raw is not None else None
    except EnvsError as error:
        status = Status("invalid", error.sentence, error=error).to_dict()
        kept = before.get("block") if before else None
        return Launch(kernel, notebook, kept, status=status, language_info=language_info, note=note)
    return chosen(kernel, notebook, block, rooms, language_info, note)


def chosen(
    kernel: str,
    notebook: Path | None,
    block: Block | None,
    rooms: Environments,
    language_info: dict[str, Any] | None = None,
    note: str = "",
) -> Launch:
    """No block: the base environment. Block and environment: that. Otherwise, the stand-in."""
    status = rooms.status(block)
    base = status.state == "no-block"
    environment = rooms.base() if base else status.environment
    told = status.to_dict()
    if base and environment is None:
        told["sentence"] = "The base environment is not built yet."
    usable = environment is not None and environment.python.exists()
    return Launch(
        kernel=kernel,
        notebook=notebook,
        block=block.to_dict() if block else None,
        environment=environment.to_dict() if environment and usable else None,
        base=base,
        status=told,
        language_info=language_info,
        note=note,
    )


def looking(
    kernel: str,
    notebook: Path | None,
    settings: Settings,
    *,
    again: bool = False,
    error: Exception | None = None,
) -> Launch:
    """The stand-in for a store that is slow (no error) or cannot be used."""
    sentence = "It is still being looked up whether this notebook's environment is here."
    if error is not None:
        sentence = sentence_of(error)
    told = error.to_dict() if isinstance(error, EnvsError) else None
    status = {"state": "failed" if error else "looking", "sentence": sentence, "error": told}
    block = read(str(context_file(settings, kernel))).get("block") if again else None
    return Launch(kernel, notebook, block, status=status)


def sentence_of(error: Exception) -> str:
    return error.sentence if isinstance(error, EnvsError) else f"{type(error).__name__}: {error}"


def died(details: str) -> InputError:
    last = details.strip().splitlines()[-1:] or ["It said nothing."]
    return InputError(
        "kernel-died",
        f"The kernel ended {DEATHS} times before it answered: {last[0]}",
        hint="Remove the package that breaks it in the panel or with `jupyter envs remove`, then restart the kernel.",
        details=details,
    )


def _instead(launch: Launch, error: EnvsError) -> Launch:
    status = {**launch.status, "state": "failed", "sentence": error.sentence, "error": error.to_dict()}
    return Launch(
        launch.kernel, launch.notebook, launch.block, None, launch.base, status, launch.language_info
    )


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
