"""Starting kernels, and talking to them over plain sockets: jupyter_client's own waiting costs 200 ms and more."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.connect import write_connection_file
from jupyter_client.manager import KernelManager
from jupyter_client.session import Session

PATIENCE = 120_000
"""Milliseconds."""
QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


class Talk:
    """The shell channel of one kernel."""

    def __init__(self, connection: Mapping[str, Any]) -> None:
        key = connection["key"]
        self.session = Session(key=key if isinstance(key, bytes) else key.encode())
        self.socket: zmq.Socket[bytes] = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.setsockopt(zmq.RECONNECT_IVL, 2)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.connect(f"tcp://{connection['ip']}:{connection['shell_port']}")

    def execute(self, code: str) -> float:
        """Seconds until the reply. Raises RuntimeError if the cell failed or nothing came."""
        started = time.perf_counter()
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "allow_stdin": False,
            "stop_on_error": True,
        }
        self.session.send(self.socket, "execute_request", content)
        if not self.socket.poll(PATIENCE):
            raise RuntimeError("the kernel did not answer")
        seconds = time.perf_counter() - started
        _, parts = self.session.feed_identities(self.socket.recv_multipart())
        reply = self.session.deserialize(parts)["content"]
        if reply["status"] != "ok":
            raise RuntimeError(f"{code}: {reply.get('ename')}: {reply.get('evalue')}")
        return seconds

    def close(self) -> None:
        self.socket.close()


@contextmanager
def provisioned(notebook: Path) -> Iterator[Talk]:
    """The kernel of a notebook, as a server starts it."""
    manager = KernelManager(kernel_name="jupyter-envs")
    env = {**os.environ, "JUPYTER_ENVS_NOTEBOOK": str(notebook)}
    manager.start_kernel(cwd=str(notebook.parent), env=env, **QUIET)
    talk = Talk(manager.get_connection_info())
    try:
        yield talk
    finally:
        talk.close()
        manager.shutdown_kernel(now=True)


@contextmanager
def bare(python: Path, folder: Path) -> Iterator[Talk]:
    """`python -m ipykernel_launcher`, nothing else."""
    file, connection = write_connection_file(str(folder / "bare.json"))
    process = subprocess.Popen([python, "-m", "ipykernel_launcher", "-f", file], cwd=folder, **QUIET)
    talk = Talk(connection)
    try:
        yield talk
    finally:
        talk.close()
        process.kill()
        process.wait()
        Path(file).unlink(missing_ok=True)
