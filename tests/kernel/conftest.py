"""Real kernels: in this very Python with a fake of our command line, and in real environments with the real one."""

from __future__ import annotations

import json
import os
import platform
import sys
import sysconfig
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.launch.launch import LAUNCHER
from jupyter_envs.model.block import Block

from ..typed import typed
from .client import Kernel
from .real import ProvisionedKernel, write_notebook

HERE = Path(__file__).resolve().parent
DASH_M = LAUNCHER.parent / "dash_m"
Start = Callable[..., ProvisionedKernel]


class FakeNotebook:
    """A notebook whose kernel runs in this Python. `home` is JUPYTER_ENVS_HOME, `folder` the notebook's own."""

    def __init__(self, root: Path, python: str, site: str, version: str) -> None:
        self.folder = root / "notebooks"
        self.home = root / "home"
        self.fake = root / "fake"
        for folder in (self.folder, self.home / "kernels", self.fake):
            folder.mkdir(parents=True)
        self.path = self.folder / "a.ipynb"
        self.context = self.home / "kernels" / f"{uuid.uuid4()}.json"
        self.interpreter = (python, site, version)
        self._python, self._site, self._version = python, site, version
        self._kernels: list[Kernel] = []

    def environment(self) -> dict[str, Any]:
        prefix = str(Path(self._python).parent.parent)
        return {
            "id": "base", "prefix": prefix, "python": self._python, "version": self._version, "site": [self._site],
            "bin": str(Path(self._python).parent), "packages": {},
        }  # fmt: skip

    def env(self) -> dict[str, str]:
        fake = {
            "FOLDER": str(self.fake),
            "SITE": self._site,
            "PYTHON": self._python,
            "VERSION": self._version,
        }
        env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "JUPYTER_ENVS"))}
        env |= {f"FAKE_{name}": value for name, value in fake.items()} | {"FAKE_DASH_M": str(DASH_M)}
        # What ipykernel and a user's shell may have set, and our command line must not see.
        env |= {"FORCE_COLOR": "1", "PYTHONWARNINGS": "default"}
        return env | {"JUPYTER_ENVS_CONTEXT": str(self.context), "VIRTUAL_ENV": self.environment()["prefix"]}

    def write_context(self, **values: Any) -> None:
        context = {
            "version": 1, "kernel": self.context.stem, "notebook": str(self.path),
            "cli": [sys.executable, str(HERE / "fake_cli.py")], "block": None, "environment": self.environment(),
            "base": True, "status": None, "standin": False, "language_info": None,
        }  # fmt: skip
        self.context.write_text(json.dumps(context | values))

    def start(self, argv: list[str] | None = None, **values: Any) -> Kernel:
        self.write_context(**values)
        command = argv or [self._python, str(LAUNCHER)]
        kernel = Kernel([*command, "-f", "{connection_file}"], self.folder, self.env())
        self._kernels.append(kernel)
        return kernel

    def stop(self) -> None:
        for kernel in self._kernels:
            kernel.stop()

    @property
    def calls(self) -> list[list[Any]]:
        """[verb, words, variables it should not have seen, PATH, process] of each call of the command line."""
        return [json.loads(line) for line in (self.fake / "calls").read_text().splitlines()]

    def kept(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.context.read_text())
        return value


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[FakeNotebook]:
    site = sysconfig.get_paths()["purelib"]
    fake = FakeNotebook(tmp_path, sys.executable, site, platform.python_version())
    yield fake
    fake.stop()


@pytest.fixture
def kernel(notebook: FakeNotebook) -> Kernel:
    return notebook.start()


@pytest.fixture(scope="session")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(autouse=True)
def built_once(request: pytest.FixtureRequest, home: Path, shared_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Homes differ, environments are built once for all these tests; those with the real index keep their own."""
    if not request.node.get_closest_marker("network"):
        monkeypatch.setenv("JUPYTER_ENVS_STORE", str(shared_store))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    kernels: list[ProvisionedKernel] = []

    def started(notebook: Path | None, **env: str) -> ProvisionedKernel:
        kernels.append(ProvisionedKernel(notebook, notebook.parent if notebook else tmp_path, **env))
        return kernels[-1]

    yield started
    for kernel in kernels:
        kernel.stop()


@pytest.fixture
def base(environments: Environments) -> Environments:
    environments.build(None)
    return environments


@pytest.fixture
def demo(base: Environments) -> Block:
    """A block with `demo`, built here."""
    return base.install(None, typed("demo==1.0")).block


@pytest.fixture
def own_store(built_once: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that clear it up."""
    monkeypatch.setenv("JUPYTER_ENVS_STORE", str(tmp_path / "store"))


@pytest.fixture
def demo_notebook(demo: Block, tmp_path: Path) -> Path:
    return write_notebook(tmp_path / "nb" / "a.ipynb", demo)
