"""A closure's files -> an environment on disk, by uv: `uv pip sync` of hashed wheels."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from ...errors import EnvsError
from ...kernel.amounts import count
from ...model.closure import Chosen, Closure
from ...model.environment import python_of, site_packages, site_path
from ...model.interpreter import Interpreter
from ...model.progress import SILENT, Report
from .. import record
from ..installed import Installed
from ..local_folders import LocalSources
from .builder import ONLY_WHEELS, Builder, editable_line, requirement_line
from .complaints import UNREACHABLE
from .download_progress import Counting
from .tool import Engine

VERIFIED = ("--require-hashes", "--no-deps")


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
        report.phase("download", f"Fetching {count(len(closure.rows), 'package')}")
        sizes = {row.name: row.size or 0 for row in closure.rows}
        report.progress(0, len(sizes), "", (0, sum(sizes.values())))
        counted = Counting(report, sizes, self.engine.cache)
        elsewhere = {name for names in apart.values() for name in names}
        requirements = self.engine.write("install.txt", _lines(lines, lines.keys() - elsewhere))
        sync: list[str | Path] = [
            "pip",
            "sync",
            "--python",
            python_of(prefix),
            "--require-hashes",
            *ONLY_WHEELS,
            requirements,
        ]
        self._fetch(sync, counted, report)
        for index, names in apart.items():
            own = self.engine.write("install.txt", _lines(lines, names))
            words: list[str | Path] = [
                "pip",
                "install",
                "--python",
                python_of(prefix),
                *VERIFIED,
                *ONLY_WHEELS,
                "--requirement",
                own,
            ]
            self._fetch(words, counted, report, only=index)
        for row in closure.rows:
            if row.editable:
                self._editable(row, prefix, report)

    def distributions(self, prefix: Path, interpreter: Interpreter) -> tuple[Installed, ...]:
        return record.distributions(site_packages(prefix, interpreter.version), site_path(interpreter.version))

    def _apart(self, rows: Iterable[Chosen]) -> dict[str, set[str]]:
        """Index name -> the packages that are taken only from it."""
        apart: dict[str, set[str]] = {}
        for row in rows:
            if row.kind == "wheel" and row.index:
                apart.setdefault(row.index, set()).add(row.name)
        return apart

    def _fetch(
        self, arguments: list[str | Path], counted: Counting, report: Report, *, only: str | None = None
    ) -> None:
        """Downloads what the store does not have; uv's cache may still have it if no index can be reached."""
        try:
            with counted.watched():
                self.engine.run(arguments, only_index=only, report=report, on_line=counted.line)
        except EnvsError as error:
            if error.code not in (*UNREACHABLE, "proxy-auth"):
                raise
            with contextlib.suppress(EnvsError):
                self.engine.run(arguments, offline=True, only_index=only, report=report, on_line=counted.line)
                return
            raise

    def _editable(self, row: Chosen, prefix: Path, report: Report) -> None:
        path = LocalSources(self.engine.settings.home).path_of(row.name, row.local_id or "")
        words: list[str | Path] = ["pip", "install", "--no-deps", "--python", python_of(prefix)]
        self.engine.run([*words, "--editable", editable_line(row.name, path)], report=report)


def _lines(lines: Mapping[str, str], names: Iterable[str]) -> str:
    return "".join(f"{lines[name]}\n" for name in sorted(names))
