"""Which Pythons exist here, by absolute path. Never a shim: those answer for versions that are not there."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from . import process
from .errors import EnvsError, PythonError
from .settings import Settings
from .write import atomically

OLDEST = (3, 8)
PROBE = (
    "import sys,json,platform;"
    "print(json.dumps([sys.implementation.name,platform.python_version(),platform.machine(),"
    "getattr(sys,'abiflags',''),getattr(sys,'_base_executable',None) or sys.executable]))"
)
NAME = re.compile(r"python(?:3(?:\.\d+)?)?(?:\.exe)?")


@dataclass(frozen=True)
class Interpreter:
    """`version` is the full one, 3.12.1; `source` says where it was found."""

    path: Path
    implementation: str
    version: str
    arch: str
    source: str
    abiflags: str = ""

    @property
    def minor(self) -> str:
        return ".".join(self.version.split(".")[:2])


def discover(settings: Settings) -> tuple[Interpreter, ...]:
    """Every supported CPython, newest first. New ones are asked who they are, once; the answers are cached."""
    cache = _Cache(settings.cache / "interpreters.json")
    candidates = list(_unique(_candidates()))
    unknown = [(path, source) for path, source in candidates if not cache.knows(path)]
    if unknown:
        with ThreadPoolExecutor(8) as pool:
            for (path, _), answer in zip(unknown, pool.map(lambda c: _probe(*c), unknown), strict=True):
                cache.put(path, answer)
        cache.save()
    found = [replace(known, source=source) for path, source in candidates if (known := cache.get(path))]
    supported = [i for i in found if i.implementation == "cpython" and Version(i.version).release[:2] >= OLDEST]
    return tuple(sorted(supported, key=lambda i: (Version(i.version), i.abiflags == "", -len(str(i.path))), reverse=True))


def choose(requires: str | None, settings: Settings, *, prefer_minor: str | None = None) -> Interpreter:
    """The interpreter for a requirement: the preferred minor, else the default one if it fits, else the newest stable.
    Raises PythonError `no-python`, naming what is there."""
    found = [i for i in discover(settings) if not i.abiflags.startswith("t")]
    fits = [i for i in found if requires is None or SpecifierSet(requires).contains(i.version, prereleases=True)]
    if not fits:
        here = ", ".join(i.version for i in found) or "none"
        raise PythonError(
            "no-python",
            f"This needs Python {requires}; here are {here}.",
            hint="Install such a Python, or choose another: `jupyter envs python NOTEBOOK VERSION`.",
            data={"requires": requires, "found": [i.version for i in found]},
        )
    default = _default(found, settings)
    minors = [minor for minor in (prefer_minor, default.minor if default else None) if minor]
    for minor in minors:
        if default in fits and default and default.minor == minor:
            return default
        for interpreter in fits:
            if interpreter.minor == minor:
                return interpreter
    stable = [i for i in fits if not Version(i.version).is_prerelease]
    return (stable or fits)[0]


def _default(found: list[Interpreter], settings: Settings) -> Interpreter | None:
    """What the settings say (a path or a minor), else the Python that runs us."""
    wanted = settings.python
    if wanted and re.fullmatch(r"3\.\d+", wanted):
        return next((i for i in found if i.minor == wanted), None)
    path = _real(Path(wanted)) if wanted else _own()
    return next((i for i in found if i.path == path), None) or next(
        (i for i in found if i.minor == f"{sys.version_info[0]}.{sys.version_info[1]}"), None
    )


def _own() -> Path:
    return _real(Path(getattr(sys, "_base_executable", "") or sys.executable))


def _real(path: Path) -> Path:
    """Links followed, but for the last step of a virtual environment, whose base is what we want anyway."""
    return Path(os.path.realpath(path))


def _candidates() -> Iterator[tuple[Path, str]]:
    yield _own(), "current"
    home = Path.home()
    pyenv = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv")
    for root, source in (
        (pyenv / "versions", "pyenv"),
        (Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or home / ".local/share/uv/python"), "uv"),
        *((home / name / "envs", "conda") for name in ("miniconda3", "anaconda3", "miniforge3", "mambaforge")),
        (Path("/Library/Frameworks/Python.framework/Versions"), "system"),
        (Path(os.environ.get("LOCALAPPDATA") or home / "AppData/Local") / "Programs/Python", "py-launcher"),
    ):
        for prefix in sorted(root.glob("*")) if root.is_dir() else ():
            yield from ((path, source) for path in _in_prefix(prefix))
    for conda in (os.environ.get("CONDA_PREFIX"), *(str(home / n) for n in ("miniconda3", "anaconda3", "miniforge3"))):
        if conda:
            yield from ((path, "conda") for path in _in_prefix(Path(conda)))
    for folder in (*os.environ.get("PATH", os.defpath).split(os.pathsep), "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"):
        if folder and Path(folder).is_absolute() and Path(folder).name != "shims":
            yield from ((path, "system") for path in _in_folder(Path(folder)))


def _in_prefix(prefix: Path) -> Iterable[Path]:
    return _in_folder(prefix if sys.platform == "win32" else prefix / "bin")


def _in_folder(folder: Path) -> Iterable[Path]:
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208  # names only; /usr/bin is large
    except OSError:
        return []
    return [folder / name for name in names if NAME.fullmatch(name)]


def _unique(candidates: Iterable[tuple[Path, str]]) -> Iterator[tuple[Path, str]]:
    """Each real file once. The Python of a virtual environment is none of ours: its base is found by itself."""
    seen: set[Path] = set()
    for path, source in candidates:
        if (path.parent.parent / "pyvenv.cfg").exists():
            continue
        real = _real(path)
        if real not in seen and real.is_file() and os.access(real, os.X_OK):
            seen.add(real)
            yield real, source


def _probe(path: Path, source: str) -> Interpreter | None:
    """Asks it who it is, isolated from every file near us. None for what does not answer."""
    try:
        done = process.run([path, "-I", "-S", "-c", PROBE], env=process.scrubbed({}), timeout=10)
        implementation, version, arch, abiflags, _ = json.loads(done.stdout)
    except (EnvsError, ValueError):
        return None
    return Interpreter(path, implementation, version.rstrip("+"), arch, source, abiflags)


class _Cache:
    """Who each file said it is, for as long as the file stays the same (size, mtime in ns, inode)."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._known = json.loads(file.read_bytes())
        except (OSError, ValueError):
            self._known = {}

    def knows(self, path: Path) -> bool:
        entry = self._known.get(str(path))
        return entry is not None and entry["identity"] == _identity(path)

    def get(self, path: Path) -> Interpreter | None:
        entry = self._known.get(str(path))
        if not entry or entry["identity"] != _identity(path) or entry["found"] is None:
            return None
        return Interpreter(**{**entry["found"], "path": path})

    def put(self, path: Path, found: Interpreter | None) -> None:
        value = {**asdict(found), "path": str(path)} if found else None
        self._known[str(path)] = {"identity": _identity(path), "found": value}

    def save(self) -> None:
        atomically(self._file, json.dumps(self._known, indent=1).encode())


def _identity(path: Path) -> list[int]:
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns, status.st_ino]
