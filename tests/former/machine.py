"""A machine on which version 0.1.0 was at work, and was then exchanged for the version that is tested, in its place."""

from __future__ import annotations

import json
import lzma
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import jupyter_envs

from ..kernel.client import Kernel
from ..kernel.real import write_notebook
from ..local_index import LocalIndex
from ..wheels import folder_project
from .pack import ARCHIVE

NOW = Path(jupyter_envs.__file__).parent
NOTEBOOKS = ("own", "theirs", "local", "spoilt", "waiting", "running", "guest")
REGISTER = """
from jupyter_envs import kernelspec as it
assert it._written(it._user_folder(it.NAME), it.general())
"""
"""As `ensure` does, but never where the Python that runs the tests has its kernels."""
POLICY = """
import sys, msgspec
from jupyter_envs.policy import Policy
allow = {"default": ("demo*",), "corp": ("*",)}
with open(sys.argv[1], "wb") as file:
    file.write(msgspec.json.encode(Policy(1, "always", allow, "refuse", 2.5, ("shout",), "never")))
"""
"""Every field has another value than by default."""
JOBS = """
import json, os, signal, sys, time
from jupyter_envs.jobs import Jobs, Request
from jupyter_envs.settings import Settings
place = sys.argv[1]
jobs = Jobs(Settings.load())
for words in (("demo-dep==1.0",), ("nowhere-to-be-found",)):
    job = jobs.start(Request("install", words, None, notebook="job.ipynb", place=place))
    while jobs.get(job.id).state == "running":
        time.sleep(0.02)
lost = jobs.start(Request("install", ("demo-dep==1.1",), None, notebook="job.ipynb", place=place))
os.killpg(jobs._pid(lost.id), signal.SIGKILL)
"""
"""One that was done, one that failed, and one that somebody ended."""


@dataclass
class Machine:
    """`package` is where the installed package lies; `folder` holds the notebooks."""

    folder: Path
    package: Path
    environ: dict[str, str]
    running: list[Kernel] = field(default_factory=list)

    @property
    def consents(self) -> Path:
        """The list as 0.1.0 left it."""
        return self.folder / "consents.json"

    @property
    def policy(self) -> Path:
        """A file that an administrator wrote for 0.1.0. Nothing obeys it where it lies."""
        return self.folder / "policy.json"

    @property
    def home(self) -> Path:
        return Path(self.environ["JUPYTER_ENVS_HOME"])

    def notebook(self, name: str) -> Path:
        return self.folder / f"{name}.ipynb"

    def run(self, *words: str | Path, code: int = 0, **more: Any) -> Any:
        """`jupyter envs …` as whatever version is installed now answers it, in JSON."""
        argv = [sys.executable, str(self.package / "__main__.py"), *map(str, words), "--json"]
        done = self._process(argv, **more)
        assert done.returncode == code, f"{words}: {done.returncode} {done.stdout[-1500:]}{done.stderr}"
        return json.loads(done.stdout)

    def script(self, text: str, *words: str | Path) -> str:
        done = self._process([sys.executable, "-c", text, *map(str, words)])
        assert done.returncode == 0, done.stderr
        return done.stdout

    def kernel(self, kernelspec: str, **env: str) -> Kernel:
        """Started as its kernel.json says, by a program that knows nothing of us."""
        file = Path(self.environ["JUPYTER_DATA_DIR"], "kernels", kernelspec, "kernel.json")
        self.running.append(Kernel(json.loads(file.read_text())["argv"], self.folder, {**self.environ, **env}))
        return self.running[-1]

    def _process(self, argv: list[str], **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            argv, cwd=self.folder, env={**self.environ, **env}, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )

    def update(self) -> None:
        """As `pip install --upgrade` does."""
        shutil.rmtree(self.package)
        shutil.copytree(NOW, self.package, ignore=shutil.ignore_patterns("labextension"))


@contextmanager
def updated(folder: Path, index: LocalIndex) -> Iterator[Machine]:
    """After the update. Its kernels end with it."""
    machine = Machine(folder, folder / "installed" / "jupyter_envs", _environ(folder, index))
    machine.home.mkdir(mode=0o700, parents=True)
    with lzma.open(ARCHIVE) as archive, tarfile.open(fileobj=archive) as content:
        content.extractall(folder / "installed", **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    try:
        with pytest.MonkeyPatch.context() as patch:  # where clients of kernels look
            for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
                patch.setenv(name, machine.environ[name])
            _work(machine)
        machine.update()
        yield machine
    finally:
        for kernel in machine.running:
            kernel.stop()


def _environ(folder: Path, index: LocalIndex) -> dict[str, str]:
    """All that its processes are given."""
    user = folder / "user"
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "PYENV_ROOT") if name in os.environ}
    return kept | {
        "HOME": str(user),
        "JUPYTER_ENVS_HOME": str(user / "envs"),
        "JUPYTER_DATA_DIR": str(user / "data"),
        "JUPYTER_CONFIG_DIR": str(user / "config"),
        "JUPYTER_RUNTIME_DIR": str(user / "run"),
        "JUPYTER_PLATFORM_DIRS": "1",
        "IPYTHONDIR": str(user / "ipython"),
        "PIP_CONFIG_FILE": os.devnull,
        "PYTHONPATH": str(folder / "installed"),
        "UV_DEFAULT_INDEX": f"local={index.url}",
        "JUPYTER_ENVS_SYSTEM_CONFIG": str(user / "etc"),
        "JUPYTER_ENVS_COMPILE": "never",
        "JUPYTER_ENVS_REFRESH": "never",
        "JUPYTER_ENVS_INDEX_HOURS": "0",
    }


def _work(machine: Machine) -> None:
    """What its user did with 0.1.0."""
    for name in NOTEBOOKS:
        write_notebook(machine.notebook(name))
    machine.script(REGISTER)
    machine.run("build", machine.notebook("waiting"))
    machine.run("install", machine.notebook("own"), "demo==1.0")
    machine.run("install", machine.notebook("own"), "shout")
    machine.run("install", machine.notebook("spoilt"), "brittle")
    machine.run("install", machine.notebook("guest"), "guest", "demo==1.0")
    machine.run("finish", JUPYTER_ENVS_COMPILE="now")
    for name in ("changed", "edited", "undone"):
        shutil.copy(machine.notebook("own"), machine.notebook(name))
    _get_from_somebody(machine)
    _install_from_a_folder(machine)
    for name in ("own", "guest"):
        machine.run("kernelspec", "add", machine.notebook(name), "--name", name)
    machine.script(POLICY, machine.policy)
    machine.script(JOBS, machine.folder / "job.ipynb")
    _change_in_kernels(machine)
    shutil.copy(machine.home / "consents.json", machine.consents)


def _get_from_somebody(machine: Machine) -> None:
    """A notebook whose environment was approved."""
    theirs = machine.notebook("theirs")
    machine.run("install", theirs, "needs-old", "--no-build-env", JUPYTER_ENVS_HOME=str(machine.folder / "their-home"))
    machine.run("build", theirs, "--accept")


def _install_from_a_folder(machine: Machine) -> None:
    folder = machine.folder / "mine"
    folder.mkdir()
    for path, text in folder_project("mine", "1.0").items():
        (folder / path).write_text(text)
    machine.run("install", machine.notebook("local"), "./mine", "--allow-build", "mine")


def _change_in_kernels(machine: Machine) -> None:
    """By programs that record nothing in the notebook. One kernel goes on running."""
    for name in ("waiting", "running"):
        machine.run("kernelspec", "add", machine.notebook(name), "--name", name)
        done = machine.kernel(name).run("%env-install demo-dep==1.0")
        assert "+ demo-dep 1.0" in done.text, done
    machine.running.pop(0).stop()
