"""Which formats there are, and which one a file has. A format is one module, loaded when a file of it is read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from ..errors import InputError
from ..model.lock import Lock
from ..model.spec import Spec
from .found import Found, Written

LARGEST = 50 << 20
"""Bytes of a file that is looked into."""


class Dialect(Protocol):
    """What a module of this room has. `NAME` is the format's for people."""

    NAME: str

    def read(self, path: Path, groups: Collection[str]) -> Found:
        """`groups`: extras and dependency groups that are to be taken, too. Runs nothing, asks nobody, and writes
        nothing. Raises InputError that says file and line."""


class Writer(Protocol):
    """What the module of a format has that is written, too."""

    FILE: str
    """The usual name of such a file; "" where it is a part of one."""
    LOCKS: bool
    """Whether it has the versions of the lock, and so is not written without one. May be missing: then it has not."""
    SAYS: frozenset[str]
    """Keys of unsaid.PARTS that the format has words for."""

    def write(self, spec: Spec, lock: Lock | None, urls: Mapping[str, str]) -> Written:
        """`urls`: the addresses of the indexes that the spec names, without passwords, where the user has configured
        them. Raises InputError where the format cannot say what matters."""


class PlacesWriter(Protocol):
    """What the module of a format has that names the address of each file: with `PLACES = True`."""

    def write(self, spec: Spec, lock: Lock | None, urls: Mapping[str, str], places: Mapping[str, str]) -> Written:
        """`places`: an address by the sha256 of the file that is there."""


WRITERS: Mapping[str, str] = {
    "requirements.txt": "requirements_file",
    "requirements.in": "requirements_in",
    "constraints.txt": "constraints_file",
    "pylock.toml": "pylock",
    "pep723": "script",
    "pyproject.toml": "pyproject",
    "Pipfile": "pipfile",
    "environment.yml": "environment_yml",
}
"""What people call a format, after --format: the module that writes it."""
PATTERNS = (
    ("pylock.toml", "pylock"),
    ("pylock.*.toml", "pylock"),
    ("environment*.y*ml", "environment_yml"),
    ("pyproject.toml", "pyproject"),
    ("poetry.lock", "poetry_lock"),
    ("uv.lock", "uv_lock"),
    ("*.py.lock", "uv_lock"),
    ("pdm.lock", "pdm_lock"),
    ("pipfile", "pipfile"),
    ("pipfile.lock", "pipfile_lock"),
    ("*conda-lock.y*ml", "conda_lock"),
    ("conda-*.lock", "conda_list"),
    ("pixi.toml", "pixi"),
    ("pixi.lock", "pixi_lock"),
    (".python-version", "python_version"),
    ("runtime.txt", "python_version"),
    ("*.txt", "requirements_file"),
    ("*.in", "requirements_file"),
    ("*.py", "python_file"),
)
"""Names of files, and the module that reads them; the first one that fits counts."""


OTHERS = ("apt.txt",)
"""Lists of what no index of Python packages has, though it may have namesakes."""


def module_of(path: Path) -> str | None:
    name = path.name.lower()
    return None if name in OTHERS else next((module for pattern, module in PATTERNS if fnmatch(name, pattern)), None)


def dialect_of(path: Path) -> Dialect:
    """Raises InputError `unknown-format`."""
    module = _of_folder(path) if path.is_dir() else module_of(path)
    if module is None:
        raise InputError(
            "unknown-format", f"{path} has no format that jupyter-envs reads.",
            hint="The formats are listed in docs/reference/dialects.md.",
        )  # fmt: skip
    if module == "requirements_file" and _is_of_conda(path):
        module = "conda_list"
    return cast("Dialect", import_module(f".{module}", __package__))


def writer_of(form: str) -> Writer:
    """Raises InputError `unknown-format`."""
    if form not in WRITERS:
        raise InputError(
            "unknown-format", f"jupyter-envs does not write the format {form[:40]!r}.",
            hint=f"It writes: {', '.join(WRITERS)}.",
        )  # fmt: skip
    return cast("Writer", import_module(f".{WRITERS[form]}", __package__))


def _of_folder(path: Path) -> str:
    from .installed_folder import is_one

    return "installed_folder" if is_one(path) else "project_folder"


def _is_of_conda(path: Path) -> bool:
    """conda's lists are called like pip's."""
    from .conda_list import is_one

    return is_one(path)


def beside(folder: Path) -> Iterator[Path]:
    """Files of this folder that have a known format, by name; and folders with an environment, or for Binder."""
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    yield from (folder / name for name in names if is_usual(name))
    yield from (folder / name for name in BINDER if (folder / name).is_dir())
    yield from (folder / name for name in ENVIRONMENTS if (folder / name / "pyvenv.cfg").is_file())


USUAL = ("requirements*.txt", "requirements*.in", "constraints*.txt", "spec-file*.txt", "explicit*.txt")
"""Of `*.txt` and `*.in`, those that are taken for lists of packages without being named."""


BINDER = ("binder", ".binder")
ENVIRONMENTS = (".venv", "venv", "env")


def is_usual(name: str) -> bool:
    module = module_of(Path(name))
    general = module in ("requirements_file", "python_file")
    return module is not None and (not general or any(fnmatch(name.lower(), pattern) for pattern in USUAL))
