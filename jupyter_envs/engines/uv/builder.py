"""Wheels built on this machine, each once: from sources that the user allowed, and from folders of their own."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from pathlib import Path

from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version

from ...errors import InstallError
from ...kernel.foreign import quoted
from ...machine.interpreters import Interpreter
from ...model.closure import Chosen
from ...model.lock import File
from ...model.progress import Report
from ...system.files import atomically, sha256_of
from .. import record
from ..local_folders import LocalSources
from .cache import folder_of
from .tool import Engine

ONLY_WHEELS = ("--only-binary", ":all:")


class Builder:
    """Wheels that were built here, once, and kept by hash: `<home>/built/<key>/<wheel>`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.root = engine.settings.home / "built"
        self.local = LocalSources(engine.settings.home)

    def wheel_of(self, row: Chosen, interpreter: Interpreter, report: Report) -> Path | None:
        """The wheel to install from disk, built first if necessary; None if the index has one."""
        if row.kind == "directory":
            return self._kept_folder_wheel(row, interpreter, report)
        if row.kind == "sdist" or (row.vcs and row.vcs.runs_code):
            return self._built(row, interpreter, report)
        return None

    def kept(self, name: str, source: str, interpreter: Interpreter) -> Path | None:
        """The wheel that was built from this package's source (`Chosen.sha256`) before."""
        return next(iter(sorted(self._folder(name, source, interpreter).glob("*.whl"))), None)

    def _folder(self, name: str, source: str, interpreter: Interpreter) -> Path:
        key = hashlib.sha256(f"{name}\0{source}".encode()).hexdigest()[:40]
        return self.root / f"{key}-cp{interpreter.minor.replace('.', '')}{interpreter.abiflags}"

    def _built(self, row: Chosen, interpreter: Interpreter, report: Report) -> Path:
        folder = self._folder(row.name, row.sha256, interpreter)
        kept = self.kept(row.name, row.sha256, interpreter)
        if kept:
            return kept
        report.phase("build", f"Building {row.name} {row.version} from its source")
        target = tempfile.mkdtemp(dir=self.engine.folder)
        if row.vcs and row.vcs.type == "git":
            fragment = f"#subdirectory={row.vcs.subdirectory}" if row.vcs.subdirectory else ""
            line, hashes = f"{row.name} @ git+{row.vcs.url}@{row.vcs.commit_id}{fragment}", []
        else:
            line, hashes = requirement_line(row, None), ["--require-hashes"]
        source = self.engine.write("build.txt", line + "\n")
        self.engine.run(
            ["pip", "install", "--no-deps", *hashes, *ONLY_WHEELS, "--no-binary", row.name,
             "--target", target, "--python", interpreter.path, "-r", source],
            only_index=row.index, report=report,
        )  # fmt: skip
        return self._keep(self._built_by_uv(row, Path(target)), folder)

    def _built_by_uv(self, row: Chosen, installed: Path) -> Path:
        """uv leaves the wheel that it built, now or before, in its cache, which only we use: the one with the name and
        version, and the commit, that it has just installed. Other sources may have the same name and version."""
        commit = row.vcs.commit_id[:16] if row.vcs and row.vcs.commit_id else None
        wheels = (
            path
            for path in folder_of(self.engine.settings).glob("sdists-*/**/*.whl")
            if path.is_file() and (commit is None or commit in path.parts) and _is_of(path.name, row)
        )
        found = next((path for path in wheels if _is_installed(path, installed)), None)
        if found is None:
            raise InstallError("build-failed", f"{row.name} was built, but its wheel cannot be found.")
        return found

    def built_from_folder(self, path: Path, interpreter: Interpreter, report: Report) -> tuple[str, File]:
        """(file name, file) of the wheel of the user's own folder or archive."""
        if path.suffix == ".whl":
            wheel = path
        else:
            report.phase("build", f"Building {path.name}")
            out = Path(tempfile.mkdtemp(dir=self.engine.folder))
            words: list[str | Path] = [
                "build",
                "--wheel",
                "--no-create-gitignore",
                "--python",
                interpreter.path,
                "--out-dir",
                out,
                path,
            ]
            self.engine.run(words, report=report)
            wheel = next(iter(out.glob("*.whl")))
        sha256 = sha256_of(wheel)
        kept = self._keep(wheel, self.root / sha256)
        return kept.name, File(sha256=sha256, size=kept.stat().st_size)

    def version_of(self, name: str, path: Path, interpreter: Interpreter, report: Report) -> str:
        """The version that an editable install of this folder would have."""
        target = Path(tempfile.mkdtemp(dir=self.engine.folder))
        words: list[str | Path] = [
            "pip",
            "install",
            "--no-deps",
            "--python",
            interpreter.path,
            "--target",
            target,
            "--editable",
            editable_line(name, path),
        ]
        self.engine.run(words, report=report)
        return next(target.glob("*.dist-info")).name.removesuffix(".dist-info").rpartition("-")[2]

    def _kept_folder_wheel(self, row: Chosen, interpreter: Interpreter, report: Report) -> Path:
        kept = self.root / row.sha256 / (row.filename or "")
        if kept.is_file():
            return kept
        filename, file = self.built_from_folder(self.local.path_of(row.name, row.local_id or ""), interpreter, report)
        if file.sha256 != row.sha256:
            raise InstallError(
                "machine-local", f"The folder of {row.name} has changed since the lock was made.",
                hint=f"To use its new state: jupyter envs upgrade NOTEBOOK {quoted(row.name)}",
            )  # fmt: skip
        return self.root / file.sha256 / filename

    @staticmethod
    def _keep(wheel: Path, folder: Path) -> Path:
        kept = folder / wheel.name
        if not kept.is_file():
            atomically(kept, wheel.read_bytes())
        return kept


def editable_line(name: str, path: Path) -> str:
    """The only form in which uv accepts every folder: in a path it would interpret `[x]`, `#x` and `${X}`."""
    return f"{name} @ {path.as_uri()}"


def requirement_line(row: Chosen, wheel: Path | None) -> str:
    """One line of a requirements file with its hash: the one file that the closure names."""
    if wheel:
        return f"{row.name} @ {wheel.as_uri()} --hash=sha256:{sha256_of(wheel)}"
    if row.vcs and row.vcs.type == "archive":
        return f"{row.name} @ {row.vcs.url} --hash=sha256:{row.sha256}"
    return f"{row.name}=={row.version} --hash=sha256:{row.sha256}"


def _is_of(filename: str, row: Chosen) -> bool:
    try:
        name, version = parse_wheel_filename(filename)[:2]
    except (InvalidWheelFilename, ValueError):
        return False
    return (name, version) == (row.name, Version(row.version))


def _is_installed(wheel: Path, folder: Path) -> bool:
    """Whether all files of the wheel are in the folder, by the hashes in its RECORD."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            records = [
                name for name in archive.namelist() if name.count("/") == 1 and name.endswith(".dist-info/RECORD")
            ]
            brought = record.hashes_of(archive.read(records[0]).decode())
        placed = record.hashes_of((folder / records[0]).read_text("utf-8"))
    except (OSError, ValueError, IndexError, zipfile.BadZipFile):
        return False
    return all(placed.get(path) == known for path, known in brought.items() if ".data/" not in path)
