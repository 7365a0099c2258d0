"""An engine that is not uv, as conda would be one: its packages have no RECORD but a file of its own in `meta/`, one of
them is Python itself, and what it unpacked shares its files with the environments that it fills."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import platform
import shutil
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from jupyter_envs.engines.installed import Installed, InstalledFile
from jupyter_envs.engines.protocols import Need, ResolveRequest
from jupyter_envs.errors import EnvsError
from jupyter_envs.machine.interpreters import Interpreter
from jupyter_envs.model.closure import Closure, select
from jupyter_envs.model.environment import python_of, site_path
from jupyter_envs.model.lock import File, Lock, Package
from jupyter_envs.model.progress import SILENT, Report
from jupyter_envs.model.spec import Spec

from .pythons import LEFT_OUT, ours
from .wheels import closure_of

META = "meta"
PREFIX = b"@PREFIX@"
"""In a file of a package: where it is installed, as conda's packages have such a word, too."""


@dataclass(frozen=True)
class Parcel:
    """`content`: path below the prefix -> bytes, or the file that holds them."""

    name: str
    content: Mapping[str, bytes | Path]
    version: str = "1.0"
    needs: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(f"{self.name} {self.version} {sorted(self.content)}".encode()).hexdigest()

    @property
    def filename(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"


def parcel(name: str, files: Mapping[str, str], **more: Any) -> Parcel:
    """`files`: below site-packages."""
    return Parcel(name, {f"{site_path(ours().version)}/{path}": text.encode() for path, text in files.items()}, **more)


def python_parcel() -> Parcel:
    """The Python that runs the tests, with its bytecode; without what no kernel needs."""
    python = ours()
    stdlib = Path(os.__file__).parent
    content: dict[str, bytes | Path] = {f"bin/python{python.minor}": python.path}
    for place, folders, names in os.walk(stdlib):
        folders[:] = [name for name in folders if name == "__pycache__" or not LEFT_OUT.fullmatch(name)]
        for path in (Path(place, name) for name in names):
            if path.is_file() and ".opt-" not in path.name:
                content[f"lib/python{python.minor}/{path.relative_to(stdlib).as_posix()}"] = path
    return Parcel("python", content, python.version)


def kernel_parcels() -> list[Parcel]:
    """ipykernel and all that it needs, as they are installed here, without RECORD and commands."""
    return [_installed(name) for name in closure_of("ipykernel")]


def _installed(name: str) -> Parcel:
    found = distribution(name)
    content: dict[str, bytes | Path] = {}
    for each in found.files or ():
        path, here = each.as_posix(), Path(str(found.locate_file(each)))
        if not path.startswith("../") and "__pycache__" not in path and each.name != "RECORD" and here.is_file():
            content[f"{site_path(ours().version)}/{path}"] = here
    needs = tuple(other for other in closure_of(name) if other != name)
    return Parcel(name, content, found.version, needs)


@dataclass
class OtherEngine:
    """`channel`: what can be had; `brought`: what was put into environments, in that order; `asked`: for which specs it
    was chosen."""

    folder: Path
    channel: dict[str, Parcel]
    brought: list[str] = field(default_factory=list)
    asked: list[Spec] = field(default_factory=list)

    def engine_for(self, spec: Spec) -> OtherEngine:
        self.asked.append(spec)
        return self

    def every(self) -> tuple[OtherEngine, ...]:
        return (self,)

    @property
    def cache(self) -> OtherCache:
        return OtherCache(self.folder)

    @contextmanager
    def resolver(self, indexes: object, policy: object) -> Iterator[OtherEngine]:
        yield self

    @contextmanager
    def installer(self, indexes: object, policy: object) -> Iterator[OtherEngine]:
        yield self

    def needs_in(self, error: EnvsError) -> tuple[Need, ...]:
        return ()

    # -- Resolver --------------------------------------------------------------------------------------------

    def resolve(self, request: ResolveRequest, report: Report = SILENT) -> Lock:
        wanted = {"python"}
        waiting = [*request.spec.names]
        while waiting:
            name = waiting.pop()
            if name not in wanted:
                wanted.add(name)
                waiting += self.channel[name].needs
        return Lock(
            lock_version="1.0",
            created_by="other",
            spec=request.spec.digest,
            requires_python=f"=={ours().minor}.*",
            packages=tuple(_row(self.channel[name]) for name in sorted(wanted)),
        )

    def closure(self, lock: Lock) -> Closure:
        """What a lock of this engine means: Python is one of its packages."""
        python = self.channel["python"]
        inside = Path("bin", f"python{ours().minor}")
        return select(lock, Interpreter(inside, "cpython", python.version, platform.machine(), "", package="python"))

    # -- Installer -------------------------------------------------------------------------------------------

    def install(self, closure: Closure, prefix: Path, report: Report = SILENT) -> None:
        for row in closure.rows:
            self.brought.append(row.name)
            unpacked = self.cache.unpacked(self.channel[row.name])
            for file in unpacked.rglob("*"):
                target = prefix / file.relative_to(unpacked)
                if file.is_file():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    _put(file, target, prefix)

    def distributions(self, prefix: Path, interpreter: Interpreter) -> tuple[Installed, ...]:
        return tuple(_said(file, prefix) for file in sorted((prefix / META).glob("*.json")))


def _row(parcel: Parcel) -> Package:
    return Package(name=parcel.name, version=parcel.version, wheels={parcel.filename: File(sha256=parcel.sha256)})


def _put(file: Path, target: Path, prefix: Path) -> None:
    target.unlink(missing_ok=True)  # the last one has it, as with conda
    if target.parent.name == "bin" and PREFIX in (content := file.read_bytes()):
        target.write_bytes(content.replace(PREFIX, os.fsencode(python_of(prefix).parent)))
        target.chmod(0o755)
    else:
        os.link(file, target)


def _said(file: Path, prefix: Path) -> Installed:
    said = json.loads(file.read_bytes())
    mark = file.relative_to(prefix).as_posix()
    files = tuple(InstalledFile(path, _as_record(sha), size) for path, (sha, size) in said["files"].items())
    return Installed(said["name"], said["version"], (*files, InstalledFile(mark)), mark=mark)


def _as_record(sha256: str) -> str:
    return f"sha256={base64.urlsafe_b64encode(bytes.fromhex(sha256)).rstrip(b'=').decode()}" if sha256 else ""


@dataclass(frozen=True)
class OtherCache:
    """<folder>/<name>-<version>/: a package, unpacked, with `meta/<name>.json`."""

    folder: Path

    def unpacked(self, parcel: Parcel) -> Path:
        place = self.folder / f"{parcel.name}-{parcel.version}"
        if not place.exists():
            files = {path: _unpack(place / path, content) for path, content in parcel.content.items()}
            (place / META).mkdir(parents=True)
            said = {"name": parcel.name, "version": parcel.version, "files": files}
            (place / META / f"{parcel.name}.json").write_text(json.dumps(said))
        return place

    def forget(self, copies: Mapping[int, str], patience: float = 0.0) -> bool:
        for place in self._places():
            if any(file.stat().st_ino in copies for file in (place / META).iterdir()):
                _delete(place)
        return True

    def unused(self, seconds: float) -> Mapping[Path, int]:
        return {place: 1 for place in self._places() if time.time() - place.stat().st_mtime >= seconds}

    def remove(self, found: Mapping[Path, int]) -> Mapping[Path, int]:
        for place in found:
            _delete(place)
        return found

    def _places(self) -> Iterable[Path]:
        return [*self.folder.iterdir()] if self.folder.exists() else []


def _unpack(target: Path, content: bytes | Path) -> tuple[str, int]:
    """Hash and size; of a file that is another in each environment, neither."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, Path):
        shutil.copy2(content, target)
    else:
        target.write_bytes(content)
    data = target.read_bytes()
    return ("", 0) if PREFIX in data else (hashlib.sha256(data).hexdigest(), len(data))


def _delete(place: Path) -> None:
    for path in (place, *place.rglob("*")):
        if path.is_dir():
            path.chmod(stat.S_IRWXU)
    shutil.rmtree(place)
