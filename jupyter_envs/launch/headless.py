"""What every headless run shares (`run`, papermill): the kernel is told its notebook, the block what made the outputs.

The notebook is told through the kernel's start, never through our own os.environ: several runs in one process must
not see each other's."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ..environments.use_cases import Environments
from ..errors import StoreError
from ..kernel.pending import take_pending
from ..machine import kernelspecs
from ..model.block import Block, Outputs, parse_block
from ..model.closure import this_platform
from ..model.moments import now
from ..settings import Settings
from ..store import Environment
from ..system.leases import Lease
from .launch import NOTEBOOK_VARIABLE, RECORDED

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

ATTEMPTS = 3
SOCKET_PATH = 90
"""Characters that the name of a socket may safely have: macOS accepts 103."""


def start_environ(notebook: Path, recorded: Path | None = None) -> dict[str, str]:
    """`env` for a kernel manager's `start_kernel`; the provisioner takes the variables out again. `recorded`: as
    RECORDED."""
    # The name of the session that we may run in ourselves is another notebook's.
    outside = {name: value for name, value in os.environ.items() if name != "JPY_SESSION_NAME"}
    return outside | {NOTEBOOK_VARIABLE: str(notebook), RECORDED: str(recorded or notebook)}


def build_and_hold(environments: Environments, build: Callable[[], Environment]) -> tuple[Environment, Lease]:
    """The result of `build`, which stays until the lease is closed. If somebody deletes it in between, or it is
    damaged, it is built again. Raises what `build` raises, and StoreError `env-missing`."""
    for _ in range(ATTEMPTS):
        found = environments.here.store.hold(build().id)
        if found and environments.here.store.health(found[0].id) is None:
            return found
        if found:
            found[1].close()
    raise StoreError(
        "env-missing", "The environment was deleted each time it was built.",
        hint="Find out which program deletes files from the store, then try again.",
    )  # fmt: skip


@contextmanager
def telling(notebook: Path, recorded: Path | None = None) -> Iterator[type[AsyncKernelManager]]:
    """Kernel managers that tell their kernel which notebook it is for: nbclient and papermill pass nothing on to
    `start_kernel`. The caller records what cells have installed (`take_change`). If the system has named sockets, these
    are used: nobody else on this machine can connect to them or listen, and the kernel does not print a warning about
    that."""
    from jupyter_client.kernelspec import KernelSpec  # half of Jupyter
    from jupyter_client.manager import AsyncKernelManager

    with tempfile.TemporaryDirectory(prefix="je-", ignore_cleanup_errors=True) as folder:
        sockets = os.path.join(folder, "k")  # noqa: PTH118  # a prefix, no path: -1 to -5 are put behind it
        private = sys.platform != "win32" and len(os.fsencode(sockets)) <= SOCKET_PATH
        places = {"transport": "ipc", "ip": sockets} if private else {}

        class NotebookKernelManager(AsyncKernelManager):
            def __init__(self, **kw: Any) -> None:
                super().__init__(**{**kw, **places})

            @property
            def kernel_spec(self) -> KernelSpec:
                """Ours, even if it could be registered nowhere."""
                return KernelSpec(**kernelspecs.general())

            async def start_kernel(self, **kw: Any) -> None:  # type: ignore[override]  # jupyter_client wraps its own
                kw.setdefault("env", start_environ(notebook, recorded))
                await super().start_kernel(**kw)

        yield NotebookKernelManager


@contextmanager
def private_notebook(metadata: Mapping[str, Any], name: str = "notebook.ipynb") -> Iterator[Path]:
    """A file with only this metadata, for a notebook that is in memory or comes from elsewhere."""
    with tempfile.TemporaryDirectory(prefix="jupyter-envs-") as folder:
        path = Path(folder, name)
        content = {"cells": [], "metadata": dict(metadata), "nbformat": 4, "nbformat_minor": 5}
        path.write_text(json.dumps(content), encoding="utf-8")
        yield path


def take_change(
    settings: Settings, recorded: Path, block: Block | None, earlier: dict[str, Any] | None = None
) -> Block | None:
    """The notebook's block after the run, which cells may have changed; None if they have not. `earlier`: the change
    that waited before the run, and goes on waiting."""
    changed = take_pending(str(settings.home), str(recorded), block.to_dict() if block else None, earlier)
    return parse_block(changed) if changed is not None else None


def stamp_outputs(block: Block | None, environment: Environment) -> Block | None:
    """The block, recording that this environment made the outputs; without a lock there is nothing to record."""
    if block is None or block.lock is None:
        return block
    made = Outputs(lock=block.lock.digest, python=environment.version, platform=this_platform(), at=now())
    changed: Block = msgspec.structs.replace(block, outputs=made)
    return changed
