"""The same packages twice: in an environment of ours, and in one that uv made in the plain way."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_envs.engines.uv.installer import UvInstaller
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.model.block import Block
from jupyter_envs.model.environment import python_of, site_packages
from jupyter_envs.store import Environment
from jupyter_envs.store.venv import bare

PROBE = Path(__file__).with_name("probe.py")
PATIENCE = 300.0
"""Seconds for one probe."""


@dataclass(frozen=True)
class Side:
    """An environment, whoever made it."""

    prefix: Path
    version: str

    @property
    def python(self) -> Path:
        return python_of(self.prefix)

    @property
    def site(self) -> Path:
        return site_packages(self.prefix, self.version)

    def run(self, *words: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
        """Its Python with these arguments."""
        return self.command("python", *words, **more)

    def command(self, name: str, *words: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
        argv = [self.python.parent / name, *words]
        more = {"stdin": subprocess.DEVNULL, "timeout": PATIENCE} | more
        return subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False, **more)

    def printed(self, code: str, *flags: str) -> str:
        done = self.run(*(flags or ("-I",)), "-c", code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def probe(self, *words: str) -> dict[str, Any]:
        done = self.run("-I", PROBE, *words)
        assert done.returncode == 0, done.stderr[-2000:]
        answer: dict[str, Any] = json.loads(done.stdout.rstrip().rpartition("\n")[2])
        return answer


def ours(environment: Environment) -> Side:
    return Side(environment.prefix, environment.version)


def plain(environments: Environments, block: Block, prefix: Path) -> Side:
    """An environment of the block's lock at `prefix`, made by one `uv pip sync`."""
    closure = environments.here.closure(block.lock)
    bare(prefix, closure.interpreter)
    with environments.here.engine() as engine:
        UvInstaller(engine).install(closure, prefix)
    return Side(prefix, closure.interpreter.version)


def imports(side: Side, modules: dict[str, list[str]]) -> dict[str, Any]:
    """Distribution -> exit code and what came of importing its modules, each distribution in a process of its own."""

    def one(names: list[str]) -> Any:
        done = side.run("-I", PROBE, "imports", *names)
        return done.returncode, json.loads(done.stdout.rstrip().rpartition("\n")[2]) if done.returncode == 0 else None

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(modules, pool.map(one, modules.values()), strict=True))
