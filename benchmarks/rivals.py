"""Other ways to the same kernel: plain uv, `uv run --with`, juv, pip + venv. All of them ask the indexes that we
ask."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from uv import find_uv_bin

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.settings import Settings

from .kernels import IPYKERNEL, QUIET, Talk, bare, by_argv, end_tree
from .place import BIG, EMPTY, PLACE, put_aside

TOKEN = "benchmarks"
PATIENCE = 120.0
"""Seconds."""


def indexes() -> dict[str, str]:
    """For uv's environment."""
    found = Environments(Settings.load()).here.indexes
    words = found.uv_arguments()
    told: dict[str, list[str]] = {"--index": [], "--default-index": [], "--find-links": []}
    for option, value in zip(words[::2], words[1::2], strict=False):
        told[option].append(value)
    env = {"UV_INDEX": " ".join(told["--index"]), "UV_DEFAULT_INDEX": "".join(told["--default-index"])}
    env |= {"UV_FIND_LINKS": ",".join(told["--find-links"]), **found.env}
    return {name: value for name, value in env.items() if value}


@dataclass(frozen=True)
class Uv:
    """`folder` gets the environment, `cache` is uv's own, `python` the interpreter, `locked` what is to be
    installed."""

    folder: Path
    cache: Path
    python: Path
    locked: Path
    index: Mapping[str, str]

    @property
    def env(self) -> dict[str, str]:
        return {**self.index, "UV_CACHE_DIR": str(self.cache), "UV_PYTHON_DOWNLOADS": "never"}

    @property
    def environment(self) -> Path:
        return self.folder / ".venv" / "bin" / "python"

    def run(self, *words: str | Path) -> None:
        argv: list[str | Path] = [find_uv_bin(), "--quiet", "--no-config", *words]
        subprocess.run(argv, env={**os.environ, **self.env}, cwd=self.folder, check=True)

    def make(self, *more: str) -> None:
        """`uv venv` and `uv pip sync`."""
        self.run("venv", "--python", self.python, ".venv")
        self.run("pip", "sync", "--python", self.environment, "--require-hashes", *more, self.locked)

    def clear(self) -> None:
        put_aside(self.folder)
        self.folder.mkdir(parents=True)

    def clear_cached_environments(self) -> None:
        for kept in self.cache.glob("environments-*"):
            put_aside(kept)

    def kernel(self) -> contextlib.AbstractContextManager[Talk]:
        return bare(self.environment, self.folder)

    def run_with(self) -> contextlib.AbstractContextManager[Talk]:
        """`uv run --with pandas …`."""
        names = [word for name in (*BIG, "ipykernel") for word in ("--with", name)]
        argv = [find_uv_bin(), "--no-config", "run", "--no-project", "--python", str(self.python), *names, "python"]
        return by_argv([*argv, *IPYKERNEL], self.folder, self.env)


@dataclass(frozen=True)
class Pip:
    folder: Path
    cache: Path
    python: Path
    locked: Path

    @property
    def environment(self) -> Path:
        return self.folder / "env" / "bin" / "python"

    def make(self) -> None:
        put_aside(self.folder)
        self.folder.mkdir(parents=True)
        env = {**os.environ, "PIP_CACHE_DIR": str(self.cache)}
        subprocess.run([self.python, "-m", "venv", self.folder / "env"], check=True)
        words: list[str | Path] = [
            self.environment,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--require-hashes",
            "-r",
            self.locked,
        ]
        subprocess.run(words, env=env, check=True, **QUIET)

    def kernel(self) -> contextlib.AbstractContextManager[Talk]:
        return bare(self.environment, self.folder)


class Juv:
    """Installed into an environment of its own. `why_not` says why it cannot be had here, or is empty."""

    def __init__(self, uv: Uv) -> None:
        self.uv = uv

    @cached_property
    def why_not(self) -> str:
        home = PLACE / "juv"
        if (home / "bin" / "juv").exists():
            return ""
        try:
            self.uv.run("venv", "--clear", "--python", sys.executable, home)
            self.uv.run("pip", "install", "--python", home / "bin" / "python", "juv")
        except subprocess.CalledProcessError:
            shutil.rmtree(home, ignore_errors=True)
            return "cannot be installed here"
        return ""

    @contextmanager
    def kernel(self) -> Iterator[Talk]:
        """`juv run NOTEBOOK` brings a JupyterLab of its own; the notebook's kernel is then started over HTTP."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        runtime = self.uv.folder / "runtime"
        env = {**os.environ, **self.uv.env, "JUPYTER_RUNTIME_DIR": str(runtime)}
        argv: list[str | Path] = [
            PLACE / "juv" / "bin" / "juv",
            "run",
            "--python",
            self.uv.python,
            self._notebook(),
            "--",
            "--no-browser",
            f"--port={port}",
            f"--IdentityProvider.token={TOKEN}",
            "--allow-root",
        ]
        process: subprocess.Popen[bytes] = subprocess.Popen(
            argv, env=env, cwd=self.uv.folder, start_new_session=True, **QUIET
        )
        try:
            talk = Talk(self._connection(f"http://127.0.0.1:{port}/api/kernels", runtime, process))
            yield talk
            talk.close()
        finally:
            end_tree(process)

    def _notebook(self) -> Path:
        needs = json.dumps([*BIG, "ipykernel"])
        source = f'# /// script\n# requires-python = ">=3.8"\n# dependencies = {needs}\n# ///'
        cell: dict[str, Any] = {
            "cell_type": "code",
            "source": source,
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "id": "needs",
        }
        path = self.uv.folder / "juv.ipynb"
        path.write_text(json.dumps({**EMPTY, "metadata": {}, "cells": [cell]}), encoding="utf-8")
        return path

    @staticmethod
    def _connection(url: str, runtime: Path, process: subprocess.Popen[Any]) -> dict[str, object]:
        request = urllib.request.Request(url, b'{"name": "python3"}', {"Authorization": f"token {TOKEN}"})
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and process.poll() is None:
            try:
                with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                    kernel = json.load(answer)["id"]
                found: dict[str, object] = json.loads((runtime / f"kernel-{kernel}.json").read_bytes())
                return found
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.01)
        raise RuntimeError("juv did not start a server")
