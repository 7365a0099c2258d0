"""A real Jupyter server in a process of its own, as anybody starts it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .rest import API

START = 90.0
"""Seconds that a server may take to answer on a slow machine."""
TOKEN = "the-token-of-this-test"


@dataclass(frozen=True)
class Running:
    """`root` is the folder that it serves, `home` that of jupyter-envs, `log` all that it says."""

    url: str
    root: Path
    home: Path
    log: Path
    pid: int

    @property
    def api(self) -> str:
        return f"{self.url}/{API}"

    def ask(
        self, verb: str, place: str, body: object = None, *, token: str | None = TOKEN, **headers: str
    ) -> tuple[int, Any]:
        """Status and decoded answer, of a place below the server's address."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            told["Authorization"] = f"token {token}"
        if body is not None:
            told.setdefault("Content-Type", "application/json")
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/{place}", data, told, method=verb)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, _decoded(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, _decoded(error.read())


def _decoded(text: bytes) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text.decode("utf-8", "replace")


def wait_for(look: Callable[[], Any], seconds: float = 60) -> Any:
    """What `look` gives, as soon as that is true."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
    return found


@contextmanager
def running(folder: Path, environ: Mapping[str, str], *, under: Sequence[str] = ()) -> Iterator[Running]:
    """All that it writes is in `folder`. `under`: a program that starts it."""
    root, log = folder / "root", folder / "server.log"
    root.mkdir(parents=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    argv = [
        *under, sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", f"--port={port}", "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={root}", f"--IdentityProvider.token={TOKEN}", "--ServerApp.allow_unauthenticated_access=False",
        "--JupyterEnvs.build_base=False", "--LanguageServerManager.autodetect=False",  # which asks npm, sooner or later
    ]  # fmt: skip
    with log.open("wb") as out:
        process = subprocess.Popen(argv, env=dict(environ), cwd=folder, stdout=out, stderr=out, start_new_session=True)
    try:
        server = Running(f"http://127.0.0.1:{port}", root, Path(environ["JUPYTER_ENVS_HOME"]), log, process.pid)
        wait_for(lambda: process.poll() is not None or _answers(server), START)
        assert process.poll() is None, log.read_text()
        yield server
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def places(folder: Path) -> dict[str, str]:
    """Variables for processes whose every trace is in `folder`, and which ask no index."""
    names = {"JUPYTER_ENVS_HOME": "envs", "HOME": "user", "JUPYTER_DATA_DIR": "data", "JUPYTER_CONFIG_DIR": "config",
             "JUPYTER_RUNTIME_DIR": "run", "IPYTHONDIR": "ipython"}  # fmt: skip
    (folder / "user").mkdir(parents=True)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_", "JUPYTER"))}
    quiet = {"JUPYTER_ENVS_COMPILE": "never", "JUPYTER_PLATFORM_DIRS": "1"}
    return environ | quiet | {name: str(folder / place) for name, place in names.items()}


def _answers(server: Running) -> bool:
    try:
        return server.ask("GET", "api/status")[0] == 200
    except OSError:
        return False
