"""A closure's files -> a folder on disk, by uv: `uv venv`, then `uv pip sync` of hashed wheels."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol

from .closure import Chosen, Closure
from .engine import Engine
from .errors import EnvsError, InstallError
from .interpreters import Interpreter
from .lock import File
from .report import SILENT, Report
from .sources import LocalSources
from .store.environment import python_of, site_packages
from .write import atomically

ONLY_WHEELS = ("--only-binary", ":all:")
VERIFIED = ("--require-hashes", "--no-deps")


class Installer(Protocol):
    def install(self, closure: Closure, prefix: Path, report: Report = SILENT) -> None:
        """Makes the environment at `prefix`, which does not exist yet. Raises InstallError or IndexError_."""


STUBS = Path(__file__).parent / "kernel" / "dash_m"
STUB_PATH_FILE = "jupyter_envs.pth"
"""Puts our stub of pip last on the path: `python -m pip` then records what it installs, unless a real pip is locked."""
MISSING = ("offline", "engine-failed", "no-such-package", "conflict", "no-wheel-here", "needs-build")
"""How uv says, offline, that something is not in its cache."""


class UvInstaller:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def install(self, closure: Closure, prefix: Path, report: Report = SILENT) -> None:
        builder = Builder(self.engine)
        apart = self._apart(closure.rows)
        lines = {
            row.name: requirement_line(row, builder.wheel_of(row, closure.interpreter, report))
            for row in closure.rows
            if not row.editable
        }
        python = closure.interpreter.path
        self.engine.run(["venv", "--quiet", "--no-project", "--python", python, prefix], with_indexes=False, report=report)
        report.phase("install", f"Installing {len(closure.rows)} packages")
        on_line = counting(report, len(closure.rows))
        elsewhere = {name for names in apart.values() for name in names}
        requirements = self.engine.write("install.txt", _lines(lines, lines.keys() - elsewhere))
        sync: list[str | Path] = ["pip", "sync", "--python", python_of(prefix), "--require-hashes", *ONLY_WHEELS, requirements]
        self._offline_first(sync, on_line, report)
        for index, names in apart.items():
            own = self.engine.write("install.txt", _lines(lines, names))
            words: list[str | Path] = ["pip", "install", "--python", python_of(prefix), *VERIFIED, *ONLY_WHEELS, "--requirement", own]
            self._offline_first(words, on_line, report, only=index)
        for row in closure.rows:
            if row.editable:
                self._editable(row, prefix, report)
        site_packages(prefix, closure.interpreter.version).joinpath(STUB_PATH_FILE).write_text(f"{STUBS}\n")

    def _apart(self, rows: Iterable[Chosen]) -> dict[str, set[str]]:
        """Index name -> the packages that only it gives: uv asks such an index for nothing else, nor by itself."""
        apart: dict[str, set[str]] = {}
        for row in rows:
            if row.kind == "wheel" and row.index and self.engine.indexes.by_name(row.index).explicit:
                apart.setdefault(row.index, set()).add(row.name)
        return apart

    def _offline_first(
        self, arguments: list[str | Path], on_line: Callable[[str], None], report: Report, *, only: str | None = None
    ) -> None:
        """Most often every wheel is here already, and asking the index again would cost more than the work."""
        try:
            self.engine.run(arguments, offline=True, only_index=only, report=report, on_line=on_line)
        except EnvsError as error:
            if error.code not in MISSING or self.engine.settings.offline:
                raise
        else:
            return
        report.phase("download", "Downloading")
        self.engine.run(arguments, only_index=only, report=report, on_line=on_line)

    def _editable(self, row: Chosen, prefix: Path, report: Report) -> None:
        path = LocalSources(self.engine.settings.home).path_of(row.name, row.local_id or "")
        self.engine.run(["pip", "install", "--no-deps", "--python", python_of(prefix), "--editable", path], report=report)


def _lines(lines: Mapping[str, str], names: Iterable[str]) -> str:
    return "".join(f"{lines[name]}\n" for name in sorted(names))


def requirement_line(row: Chosen, wheel: Path | None) -> str:
    """One line of a requirements file with its hash: the one file that the closure names."""
    if wheel:
        return f"{row.name} @ {wheel.as_uri()} --hash=sha256:{sha256_of(wheel)}"
    if row.vcs and row.vcs.type == "archive":
        return f"{row.name} @ {row.vcs.url} --hash=sha256:{row.sha256}"
    return f"{row.name}=={row.version} --hash=sha256:{row.sha256}"


def counting(report: Report, total: int) -> Callable[[str], None]:
    """Turns uv's lines into progress: it names big downloads as they begin and end, not bytes."""
    done = 0

    def line(text: str) -> None:
        nonlocal done
        match = re.match(r"\s*(Downloading|Downloaded|Building|Built|Prepared|Installed)\s+(.*)", text)
        if not match:
            return
        if match[1] in ("Downloaded", "Built"):
            done += 1
        if match[1] in ("Prepared", "Installed"):
            done = total
        report.progress(done, total, f"{match[1]} {match[2]}".strip())

    return line


class Builder:
    """Wheels made here, once, and kept by hash: `<home>/built/<key>/<wheel>`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.root = engine.settings.home / "built"
        self.local = LocalSources(engine.settings.home)

    def wheel_of(self, row: Chosen, interpreter: Interpreter, report: Report) -> Path | None:
        """The wheel to install from disk, built if need be; None where the index has one."""
        if row.kind == "directory":
            return self._kept_folder_wheel(row, report)
        if row.kind == "sdist" or (row.vcs and (row.vcs.type == "git" or not row.vcs.url.endswith(".whl"))):
            return self._built(row, interpreter, report)
        return None

    def kept(self, source: str, interpreter: Interpreter) -> Path | None:
        """The wheel that was built of this source (a sha256 or a commit) before."""
        return next(iter(sorted(self._folder(source, interpreter).glob("*.whl"))), None)

    def _folder(self, source: str, interpreter: Interpreter) -> Path:
        return self.root / f"{source[:64]}-cp{interpreter.minor.replace('.', '')}{interpreter.abiflags}"

    def _built(self, row: Chosen, interpreter: Interpreter, report: Report) -> Path:
        folder = self._folder(row.sha256, interpreter)
        kept = self.kept(row.sha256, interpreter)
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
            report=report,
        )  # fmt: skip
        return self._keep(self._built_by_uv(row), folder)

    def _built_by_uv(self, row: Chosen) -> Path:
        """uv leaves the wheel it built in its cache; ours alone, so the newest of that name and version is it."""
        stem = f"{row.name.replace('-', '_')}-{row.version}-".lower()
        wheels = (
            path
            for path in (self.engine.settings.cache / "uv").glob("sdists-*/**/*.whl")
            if path.is_file() and path.name.lower().replace("-", "_", path.name.split("-")[0].count("-")).startswith(stem)
        )
        newest = max(wheels, key=lambda path: path.stat().st_mtime, default=None)
        if newest is None:
            raise InstallError("build-failed", f"{row.name} was built, but its wheel cannot be found.")
        return newest

    def built_from_folder(self, path: Path, report: Report) -> tuple[str, File]:
        """(file name, file) of the wheel of a folder or archive of the user's own."""
        if path.suffix == ".whl":
            wheel = path
        else:
            report.phase("build", f"Building {path.name}")
            out = Path(tempfile.mkdtemp(dir=self.engine.folder))
            self.engine.run(["build", "--wheel", "--no-create-gitignore", "--out-dir", out, path], report=report)
            wheel = next(iter(out.glob("*.whl")))
        sha256 = sha256_of(wheel)
        kept = self._keep(wheel, self.root / sha256)
        return kept.name, File(sha256=sha256, size=kept.stat().st_size)

    def version_of(self, path: Path, report: Report) -> str:
        """The version that an editable install of this folder would have."""
        target = Path(tempfile.mkdtemp(dir=self.engine.folder))
        self.engine.run(["pip", "install", "--no-deps", "--target", target, "--editable", path], report=report)
        return next(target.glob("*.dist-info")).name.removesuffix(".dist-info").rpartition("-")[2]

    def _kept_folder_wheel(self, row: Chosen, report: Report) -> Path:
        kept = self.root / row.sha256 / (row.filename or "")
        if kept.is_file():
            return kept
        filename, file = self.built_from_folder(self.local.path_of(row.name, row.local_id or ""), report)
        if file.sha256 != row.sha256:
            raise InstallError(
                "machine-local", f"The folder of {row.name} has changed since the lock was made.",
                hint=f"Take its new state with %env-upgrade {row.name}.",
            )  # fmt: skip
        return self.root / file.sha256 / filename

    @staticmethod
    def _keep(wheel: Path, folder: Path) -> Path:
        kept = folder / wheel.name
        if not kept.is_file():
            atomically(kept, wheel.read_bytes())
        return kept


def sha256_of(path: Path) -> str:
    hashed = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            hashed.update(chunk)
    return hashed.hexdigest()


def remove_tree(paths: Iterable[Path]) -> None:
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)
        if os.path.lexists(path):
            path.unlink(missing_ok=True)
