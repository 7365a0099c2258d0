"""What is known about running kernels: which environment each runs.

A kernel that is computing cannot be asked. So this is in `<home>/kernels/<id>.json`, written by the provisioner before
each launch and by the kernel after each change, and it is read each time and never cached."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from jupyter_core.utils import ensure_async
from msgspec import UNSET, UnsetType

from ..errors import EnvsError
from ..kernel.context import update
from ..model.block import Block
from ..model.digests import digest
from ..system import kept
from .refusals import Conflict, NotFound

if TYPE_CHECKING:
    from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
    from jupyter_server.services.sessions.sessionmanager import SessionManager

T = TypeVar("T")
KERNEL_ID = re.compile(r"\w+(?:-\w+){4}", re.ASCII)
MAX_ID = 80


class KernelFile(msgspec.Struct, frozen=True):
    """What the server needs of a context file; the kernel's other keys are left as they are."""

    notebook: str | None = None
    block: dict[str, Any] | None = None
    environment: dict[str, Any] | None = None
    seen: dict[str, Any] | None = None
    restart: str | None = None
    asking: str | None = None
    base: bool = False
    standin: bool = False
    without: bool = False
    status: dict[str, Any] | None = None

    @property
    def sees(self) -> dict[str, Any] | None:
        """The environment that its code can import from now."""
        return self.seen or self.environment

    @property
    def state(self) -> str:
        """A State, if it makes sense."""
        return str((self.status or {}).get("state", ""))

    @property
    def sentence(self) -> str:
        return str((self.status or {}).get("sentence") or "")

    @property
    def error(self) -> EnvsError | None:
        told = (self.status or {}).get("error")
        return EnvsError.from_dict(told) if isinstance(told, dict) else None

    @property
    def died(self) -> bool:
        return self.error is not None and self.error.code == "kernel-died"


@dataclass(frozen=True)
class SessionView:
    """A session and the notebook it is for, as API paths; `notebook` is None for consoles and files."""

    id: str
    kernel_name: str
    path: str
    name: str | None
    type: str | None

    @property
    def notebook(self) -> str | None:
        if self.type not in (None, "notebook"):
            return None
        # JupyterLab starts a session under a made-up path and the true name, and puts the path right later.
        if self.name and posixpath.basename(self.path) != self.name:
            return posixpath.join(posixpath.dirname(self.path), self.name)
        return self.path


class RunningKernels:
    def __init__(self, home: Path, kernels: MappingKernelManager, sessions: SessionManager) -> None:
        self._folder = home / "kernels"
        self._kernels = kernels
        self._sessions: Any = sessions  # jupyter_server leaves these methods untyped

    def file(self, kernel_id: str) -> Path:
        """Raises NotFound for anything that is not the id of a running kernel."""
        known = len(kernel_id) <= MAX_ID and KERNEL_ID.fullmatch(kernel_id) and kernel_id in self._kernels
        if not known:
            raise NotFound("kernel-unknown", "There is no such running kernel.")
        return self._folder / f"{kernel_id}.json"

    def read(self, kernel_id: str) -> KernelFile:
        """Raises NotFound: no such kernel, or one that jupyter-envs did not start."""
        return self._stated(kernel_id, KernelFile)

    def set_block(self, kernel_id: str, block: Block | None, before: str | UnsetType | None = UNSET) -> None:
        """The block for the next restart of this kernel. May block while somebody else changes the file; raises Busy if
        that takes too long. `before`: the digest of the block that it was made from; raises Conflict if the kernel has
        neither: somebody else has changed it."""
        self.read(kernel_id)
        file, raw = str(self.file(kernel_id)), block.to_dict() if block else None

        def now(_: str) -> dict[str, Any]:
            values = self._stated(kernel_id, dict[str, Any])
            there = values.get("block")
            if before is not UNSET and there != raw and (None if there is None else digest(there)) != before:
                raise Conflict("block-changed", "This notebook's environment was changed in another window.")
            return values

        update(file, now, for_certain=True, block=raw)

    def _stated(self, kernel_id: str, kind: type[T]) -> T:
        try:
            return kept.stated(self.file(kernel_id), kind)
        except FileNotFoundError:
            raise NotFound("kernel-foreign", "This kernel was not started by jupyter-envs.") from None
        except kept.Damaged as error:
            raise NotFound(
                "kernel-context",
                "It is not known which environment this kernel is running in.",
                hint="Restart the kernel.",
                details=str(error),
            ) from None

    async def sessions(self, kernel_id: str) -> tuple[SessionView, ...]:
        """All sessions of that kernel, notebooks before consoles."""
        models = await ensure_async(self._sessions.list_sessions())
        found = [_session(model) for model in models if (model.get("kernel") or {}).get("id") == kernel_id]
        return tuple(sorted(found, key=lambda session: session.notebook is None))

    async def notebook(self, kernel_id: str) -> str | None:
        """API path of the notebook that this kernel runs."""
        return next((session.notebook for session in await self.sessions(kernel_id)), None)

    def busy(self, kernel_id: str) -> bool:
        kernel = self._kernels.get_kernel(kernel_id) if kernel_id in self._kernels else None
        return getattr(kernel, "execution_state", None) == "busy"

    def clean(self, kernel_id: str) -> None:
        """Deletes the files of a kernel that is gone; a kernel that only restarts keeps its files."""
        if kernel_id in self._kernels or not KERNEL_ID.fullmatch(kernel_id):
            return
        for file in self._folder.glob(f"{kernel_id}.*"):
            if file.is_file():
                file.unlink(missing_ok=True)

    def touch(self, kernel_id: str) -> None:
        """A job for it is running: no culler may consider it idle."""
        if kernel_id in self._kernels:
            kernel = self._kernels.get_kernel(kernel_id)
            kernel.last_activity = datetime.now(timezone.utc)  # type: ignore[attr-defined]  # as jupyter_server itself sets it


def _session(model: dict[str, Any]) -> SessionView:
    return SessionView(
        id=model["id"],
        kernel_name=str(model["kernel"].get("name", "")),
        path=model.get("path") or "",
        name=model.get("name"),
        type=model.get("type"),
    )
