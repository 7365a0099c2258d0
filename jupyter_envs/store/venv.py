"""An environment's bare bones: what `python -m venv --without-pip` makes, in a millisecond and without a process; or,
for a Python that a package brings, the folders and names that lead to it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ..errors import InstallError
from ..machine.interpreters import Interpreter
from ..model.environment import python_of, site_packages
from ..system import process


def bare(prefix: Path, interpreter: Interpreter) -> Path:
    """Makes `prefix` and returns its site-packages. Raises InstallError where Windows' venv fails."""
    site = site_packages(prefix, interpreter.version)
    if interpreter.package:
        return _for_its_own(prefix, site, interpreter)
    if sys.platform == "win32":
        words = [interpreter.path, "-I", "-m", "venv", "--without-pip", prefix]
        done = process.run(words, env=process.scrubbed({}), timeout=120)
        if done.returncode:
            raise InstallError("engine-failed", "An empty environment could not be created.", details=done.stderr)
        return site
    site.mkdir(parents=True)
    python = python_of(prefix)
    python.parent.mkdir()
    python.symlink_to(interpreter.path)
    for name in ("python3", f"python{interpreter.minor}"):
        (python.parent / name).symlink_to("python")
    if sys.platform == "linux":
        (prefix / "lib64").symlink_to("lib")
    (prefix / "pyvenv.cfg").write_text(
        f"home = {interpreter.path.parent}\n"
        f"implementation = {'CPython' if interpreter.implementation == 'cpython' else interpreter.implementation}\n"
        f"version_info = {interpreter.version}\n"
        "include-system-site-packages = false\n",
        encoding="utf-8",
    )
    return site


def _for_its_own(prefix: Path, site: Path, interpreter: Interpreter) -> Path:
    """Without pyvenv.cfg, which would name another Python. The file itself comes with its package; where that has none
    of the usual names, they lead to it."""
    site.mkdir(parents=True)
    folder = python_of(prefix).parent
    folder.mkdir(exist_ok=True)
    for name in (python_of(prefix).name, "python3"):
        if folder / name != interpreter.at(prefix):
            (folder / name).symlink_to(os.path.relpath(interpreter.at(prefix), folder))
    if sys.platform == "linux":
        (prefix / "lib64").symlink_to("lib")
    return site
