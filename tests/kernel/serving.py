"""A server that is about to be killed: `serving.py NOTEBOOK CWD` starts a kernel as one does, which outlives it, and
says its process id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from jupyter_envs.machine import kernelspecs

if __name__ == "__main__":
    manager = KernelManager()
    manager._kernel_spec = KernelSpec(**kernelspecs.general())
    env = {**os.environ, "JPY_SESSION_NAME": sys.argv[1]}
    manager.start_kernel(cwd=sys.argv[2], env=env, independent=True, stdout=subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    print(manager.provisioner.process.pid, flush=True)
    signal.pause()
