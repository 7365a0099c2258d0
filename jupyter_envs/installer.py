"""A closure's files -> a folder on disk, by uv: `uv venv`, then `uv pip sync` of hashed wheels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol

from .builder import Builder, requirement_line
from .closure import Chosen, Closure
from .engine import Engine
from .errors import EnvsError
from .report import SILENT, Report
from .sources import LocalSources
from .store.environment import python_of, site_packages

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
        """Index name -> the packages that are taken from it alone."""
        apart: dict[str, set[str]] = {}
        for row in rows:
            if row.kind == "wheel" and row.index:
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
