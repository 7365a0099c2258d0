"""Starting kernels, and talking to them over plain sockets: jupyter_client's own waiting costs 200 ms and more."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psutil
import zmq
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from jupyter_client.session import Session

from .place import IMPORT, PLACE

PATIENCE = 120_000
"""Milliseconds."""
QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
IPYKERNEL = ("-m", "ipykernel_launcher", "-f", "{connection_file}")


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
    with _started(manager, notebook.parent, {"JUPYTER_ENVS_NOTEBOOK": str(notebook)}) as talk:
        yield talk


@contextmanager
def bare(python: Path, folder: Path) -> Iterator[Talk]:
    """`python -m ipykernel_launcher`, nothing else, as a server starts it."""
    with by_argv([str(python), *IPYKERNEL], folder) as talk:
        yield talk


@contextmanager
def by_argv(argv: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> Iterator[Talk]:
    """The kernel of a plain kernelspec."""
    spec = PLACE / "kernels" / "plain"
    spec.mkdir(parents=True, exist_ok=True)
    content = {"argv": [*argv], "display_name": "plain", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(content), encoding="utf-8")
    specs = KernelSpecManager(kernel_dirs=[str(spec.parent)])
    manager = KernelManager(kernel_name="plain", kernel_spec_manager=specs)
    with _started(manager, folder, env or {}) as talk:
        yield talk


@contextmanager
def _started(manager: KernelManager, folder: Path, env: Mapping[str, str]) -> Iterator[Talk]:
    manager.start_kernel(cwd=str(folder), env={**os.environ, **env}, **QUIET)
    talk = Talk(manager.get_connection_info())
    try:
        yield talk
    finally:
        talk.close()
        process = getattr(manager.provisioner, "process", None)
        if process is not None:  # some start another process, which is to end with them
            end_tree(process)
        manager.shutdown_kernel(now=True)


def end_tree(process: subprocess.Popen[Any]) -> None:
    """The process, and all that it started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        whole = psutil.Process(process.pid)
        for one in (*whole.children(recursive=True), whole):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
    process.wait()


def ready(start: AbstractContextManager[Talk]) -> tuple[float]:
    """Seconds until the first reply."""
    started = time.perf_counter()
    with start as talk:
        talk.execute("1 + 1")
        return (time.perf_counter() - started,)


def ready_and_import(start: AbstractContextManager[Talk], started: float | None = None) -> tuple[float, float]:
    """Seconds until the first reply, since `started` or now, and of the imports right after it."""
    started = time.perf_counter() if started is None else started
    with start as talk:
        talk.execute("1 + 1")
        seconds = time.perf_counter() - started
        return seconds, talk.execute(IMPORT)
