"""Real notebooks, environments and command line; kernels started by the provisioner, as a server starts them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.machine import kernelspecs
from jupyter_envs.model.block import Block
from jupyter_envs.store import Environment

from .client import Kernel


def write_notebook(path: Path, block: Block | None = None, **metadata: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"kernelspec": {"name": "jupyter-envs", "display_name": "x"}, **metadata}
    if block:
        metadata["jupyter_envs"] = block.to_dict()
    path.write_text(json.dumps({"cells": [], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))
    return path


def environment_of(base: Environments, block: Block) -> Environment:
    found = base.status(block).environment
    assert found
    return found


class ProvisionedKernel(Kernel):
    """`env` as a session manager gives it: ours, and which notebook it is for."""

    def __init__(self, notebook: Path | None, cwd: Path, **env: str) -> None:
        self.manager = KernelManager()
        spec = kernelspecs.general()
        self.manager._kernel_spec = KernelSpec(**spec)
        session = {"JPY_SESSION_NAME": str(notebook)} if notebook else {}
        self.manager.start_kernel(cwd=str(cwd), env={**os.environ, **session, **env})
        self.client: BlockingKernelClient = self._connect()

    @property
    def context_file(self) -> Path:
        return Path(os.environ["JUPYTER_ENVS_HOME"], "kernels", f"{self.manager.provisioner.kernel_id}.json")

    @property
    def context(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.context_file.read_text())
        return value
