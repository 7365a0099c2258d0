"""A real Jupyter server with its token on, in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import jupyter_envs

CLI = Path(jupyter_envs.__file__).with_name("__main__.py")
START = 60.0
"""Seconds that a server may take to answer on a slow machine."""


@dataclass(frozen=True)
class Server:
    """`root` is the folder it serves; `environ` what its processes see."""

    root: Path
    home: Path
    port: int
    token: str
    environ: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def page(self, place: str) -> str:
        return f"{self.url}/{place}?token={self.token}"

    def api(self, method: str, place: str, body: object = None) -> Any:
        """The decoded answer of the REST API."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/{place}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def notebook(self, name: str) -> dict[str, Any]:
        """As it is on disk, once it is whole: Jupyter empties a file before it writes it, and a busy machine may stop
        it there."""
        return until(lambda: _whole(self.root / name), 10)

    def block(self, name: str) -> dict[str, Any] | None:
        block: dict[str, Any] | None = self.notebook(name)["metadata"].get("jupyter_envs")
        return block

    def environments(self) -> int:
        return len(self.api("GET", "jupyter-envs/api/v1/environments")["environments"])

    def kernels_ready(self) -> bool:
        """Each notebook's kernel has a page and nothing to do. A page shows "idle" before it has one."""
        kernels = [session["kernel"] for session in self.api("GET", "api/sessions")]
        return bool(kernels) and all(k and k["connections"] and k["execution_state"] == "idle" for k in kernels)


def _whole(path: Path) -> dict[str, Any]:
    """Empty where it is half written."""
    with contextlib.suppress(ValueError):
        content: dict[str, Any] = json.loads(path.read_bytes())
        return content
    return {}


T = TypeVar("T")


def until(look: Callable[[], T], timeout: float = 60) -> T:
    """What `look` gives as soon as that is true; `timeout` in seconds."""
    end = time.monotonic() + timeout
    while not (found := look()):
        assert time.monotonic() < end, f"not within {timeout} s: {found!r}"
        time.sleep(0.1)
    return found


def build_base(environ: Mapping[str, str]) -> None:
    """As the set-up does it: without it, the first notebook would wait."""
    subprocess.run([sys.executable, CLI, "build", "--block", "-"], input=b"null", env=environ, check=True)


@contextmanager
def serving(
    app: str,
    folder: Path,
    environ: Mapping[str, str],
    *,
    base: bool = True,
    python: str = sys.executable,
    port: int = 0,
) -> Iterator[Server]:
    """`app` is jupyterlab or notebook, run by `python`; all that it writes is in `folder`. `port`: of a server that was
    there before."""
    root, home = folder / "root", folder / "envs"
    for path in (root, home):
        path.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    places = {name: str(folder / name) for name in ("data", "config", "run", "ipython")}
    env = dict(environ) | {
        "JUPYTER_ENVS_HOME": str(home),
        "JUPYTER_DATA_DIR": places["data"],
        "JUPYTER_CONFIG_DIR": places["config"],
        "JUPYTER_RUNTIME_DIR": places["run"],
        "IPYTHONDIR": places["ipython"],
    }
    _quiet(folder / "config")
    if base:
        build_base(env)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = port or free.getsockname()[1]
    server = Server(root, home, port, "secret-of-this-test", env)
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen([python, *_argv(app, server)], env=env, cwd=folder, stdout=out, stderr=out)
        try:
            _wait(server, process, log)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _quiet(config: Path) -> None:
    """No toast that asks about news lies over what is clicked, and no button of voila's pushes others into a menu."""
    page = config / "labconfig" / "page_config.json"
    page.parent.mkdir(parents=True, exist_ok=True)
    off = ("@jupyterlab/apputils-extension:announcements", "@voila-dashboards/jupyterlab-preview")
    page.write_text(json.dumps({"disabledExtensions": dict.fromkeys(off, True)}))


def _argv(app: str, server: Server) -> list[str]:
    return [
        "-m", app, "--no-browser", *(["--allow-root"] if _is_root() else []),
        "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={server.port}", "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={server.root}", f"--IdentityProvider.token={server.token}",
        f"--{'LabApp' if app == 'jupyterlab' else 'JupyterNotebookApp'}.expose_app_in_browser=True",
    ]  # fmt: skip


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _wait(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            server.api("GET", "api/status")
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"The server did not start:\n{log.read_text(errors='replace')[-4000:]}")
