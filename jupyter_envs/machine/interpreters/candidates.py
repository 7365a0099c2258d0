"""Where Pythons may be found. This module starts nothing: it lists files that may be interpreters."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from ...settings import Settings
from ...system.folders import jupyter_data_dir, user_folder
from ...system.search_path import search_path
from . import fetched

Candidate = tuple[Path, str]
NAME = re.compile(r"python(?:3(?:\.\d+)?t?)?(?:\.exe)?")
NO_PYTHONS = {"shims", "WindowsApps"}
"""Folders whose `python` is a program that only looks for one, or opens a shop."""
CONDA = ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba")


def candidates(settings: Settings) -> Iterator[Candidate]:
    """(real file, source), each once. For the Python of a virtual environment, its base is returned."""
    seen: set[object] = set()
    homes: dict[str, str | None] = {}
    for path, source in _all(settings):
        base = _base_of(str(path), homes)
        try:
            status = os.stat(base)  # noqa: PTH116  # a machine has dozens of names for few files, looked at by each start
        except OSError:
            continue
        # Names of one file in one folder are one Python; elsewhere it may belong to another prefix.
        file = (status.st_dev, status.st_ino, os.path.dirname(base))  # noqa: PTH120
        if file in seen or not stat.S_ISREG(status.st_mode):
            continue
        real = Path(os.path.realpath(base))
        seen.add(file)
        if real not in seen and real.parent.name not in NO_PYTHONS and os.access(real, os.X_OK):
            seen.add(real)
            yield real, source


def own() -> Path:
    """The base of the Python that runs us."""
    return Path(os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable))


def _all(settings: Settings) -> Iterator[Candidate]:
    yield own(), "current"
    if settings.python and Path(settings.python).is_absolute():
        yield Path(settings.python), "system"
    for prefix in fetched.prefixes(settings):
        yield from ((path, "uv") for path in in_prefix(prefix))
    home = user_folder()
    for root, source in _version_folders(home):
        for prefix in sorted(root.glob("*")) if root.is_dir() else ():
            yield from ((path, source) for path in in_prefix(prefix))
    for prefix in _conda_prefixes(home):
        yield from ((path, "conda") for path in in_prefix(prefix))
    for path in _of_kernels():
        yield path, "kernel"
    if sys.platform == "win32":
        for path in _registered():
            yield path, "py-launcher"
    for folder in (*search_path(), *map(Path, ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"))):
        yield from ((path, "system") for path in _in_folder(folder))


def _version_folders(home: Path) -> Iterator[Candidate]:
    env = os.environ
    data = Path(env.get("XDG_DATA_HOME") or home / ".local/share")
    yield Path(env.get("PYENV_ROOT") or home / ".pyenv") / "versions", "pyenv"
    yield Path(env.get("UV_PYTHON_INSTALL_DIR") or data / "uv/python"), "uv"
    yield Path(env.get("ASDF_DATA_DIR") or home / ".asdf") / "installs/python", "asdf"
    yield Path(env.get("MISE_DATA_DIR") or data / "mise") / "installs/python", "mise"
    for root in _conda_roots(home):
        yield root / "envs", "conda"
    yield Path(env.get("PIXI_HOME") or home / ".pixi") / "envs", "conda"
    yield Path("/Library/Frameworks/Python.framework/Versions"), "system"
    if sys.platform == "win32":
        yield Path(env.get("APPDATA") or home / "AppData/Roaming") / "uv/python", "uv"


def _conda_prefixes(home: Path) -> Iterator[Path]:
    yield from _conda_roots(home)
    try:
        lines = (home / ".conda" / "environments.txt").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    yield from (Path(line) for line in lines if Path(line).is_absolute())


def _conda_roots(home: Path) -> Iterator[Path]:
    """Where conda, mamba and micromamba are, and have their environments."""
    if root := os.environ.get("MAMBA_ROOT_PREFIX"):
        yield Path(root)
    for name in CONDA:
        yield home / name
        yield Path("/opt", name)
    yield home / ".local/share/mamba"
    yield Path("/opt/conda")


def kernel_folders(env: Mapping[str, str]) -> Iterator[Path]:
    """The folders of kernelspecs: the user's, this Python's and the system's."""
    for folder in (
        jupyter_data_dir(env),
        f"{sys.prefix}/share/jupyter",
        "/usr/local/share/jupyter",
        "/usr/share/jupyter",
    ):
        yield Path(folder, "kernels")


def _of_kernels() -> Iterator[Path]:
    """The Pythons that other kernelspecs start."""
    for folder in kernel_folders(os.environ):
        for file in sorted(folder.glob("*/kernel.json")):
            try:
                path = Path(json.loads(file.read_bytes())["argv"][0])
            except (OSError, ValueError, LookupError, TypeError):
                continue
            if path.is_absolute() and NAME.fullmatch(path.name):
                yield path


def _registered() -> Iterator[Path]:
    """What PEP 514 says about this machine, read as the py launcher reads it."""
    if sys.platform != "win32":
        return
    import winreg

    for root in (winreg.HKEY_CURRENT_USER, winreg.HKEY_LOCAL_MACHINE):
        for company in _keys(root, r"Software\Python"):
            for tag in _keys(root, rf"Software\Python\{company}"):
                try:
                    folder = winreg.QueryValue(root, rf"Software\Python\{company}\{tag}\InstallPath")
                except OSError:
                    continue
                yield Path(folder, "python.exe")


def _keys(root: int, path: str) -> list[str]:
    if sys.platform != "win32":
        return []
    import winreg

    try:
        with winreg.OpenKey(root, path) as key:
            return [winreg.EnumKey(key, n) for n in range(winreg.QueryInfoKey(key)[0])]
    except OSError:
        return []


def in_prefix(prefix: Path) -> Iterable[Path]:
    return _in_folder(prefix if sys.platform == "win32" else prefix / "bin")


def _in_folder(folder: Path) -> Iterable[Path]:
    try:
        return _named(folder, folder.stat().st_mtime_ns)
    except OSError:
        return ()


@lru_cache(maxsize=256)
def _named(folder: Path, _changed: int) -> tuple[Path, ...]:
    """/usr/bin has thousands of names, and a server looks at each start of a kernel, so it is read again only if a file
    was added or removed."""
    names = sorted(name for name in os.listdir(folder) if name.startswith("python"))  # noqa: PTH208
    return tuple(folder / name for name in names if NAME.fullmatch(name))


def base_of(path: Path) -> str:
    """The Python that the virtual environment of this one was made with; or the path itself."""
    return _base_of(str(path), {})


def _base_of(path: str, homes: dict[str, str | None]) -> str:
    """The Python that a virtual environment was made with; any other path is returned unchanged. `homes`: what is known
    already."""
    prefix = os.path.dirname(os.path.dirname(path))  # noqa: PTH120
    if prefix not in homes:
        homes[prefix] = _home_of(prefix)
    home = homes[prefix]
    return path if home is None else os.path.join(home, "python.exe" if sys.platform == "win32" else "python3")  # noqa: PTH118


def _home_of(prefix: str) -> str | None:
    """The folder with the base Python of the virtual environment at `prefix`; None if it is not a virtual
    environment."""
    try:
        text = Path(prefix, "pyvenv.cfg").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    values: dict[str, str] = dict(re.findall(r"(?m)^\s*([\w-]+)\s*=\s*(.*?)\s*$", text))
    return values.get("home", "")
