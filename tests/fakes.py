"""Fakes of the two rooms that touch the world, and closures made by hand."""

from __future__ import annotations

import sys
from pathlib import Path

from jupyter_envs.engines import record
from jupyter_envs.engines.installed import Installed
from jupyter_envs.errors import InstallError
from jupyter_envs.machine.interpreters import Interpreter
from jupyter_envs.model.closure import Chosen, Closure
from jupyter_envs.model.environment import site_packages, site_path
from jupyter_envs.model.progress import SILENT, Report

HERE = Interpreter(
    Path(sys.executable).resolve(), "cpython", ".".join(map(str, sys.version_info[:3])), "x86_64", "current"
)


def interpreter(version: str) -> Interpreter:
    return Interpreter(Path(f"/opt/python{version}/bin/python"), "cpython", version, "x86_64", "system")


def row(name: str, version: str = "1.0", sha256: str | None = None) -> Chosen:
    return Chosen(
        name, version, "wheel", sha256 or (name.encode().hex() * 32)[:64], filename=f"{name}-{version}-py3-none-any.whl"
    )


def closure(*rows: Chosen, python: Interpreter = HERE) -> Closure:
    return Closure(python, rows or (row("six"),))


class FakeInstaller:
    """Lays out an environment of one-file packages; `damage` spoils it the way a killed tool would."""

    def __init__(self, damage: str | None = None) -> None:
        self.damage = damage
        self.installed: list[Path] = []

    def install(self, closure: Closure, prefix: Path, report: Report = SILENT) -> None:
        self.installed.append(prefix)
        site = site_packages(prefix, closure.interpreter.version)
        for chosen in closure.rows:
            info = site / f"{chosen.name}-{chosen.version}.dist-info"
            info.mkdir()
            (site / f"{chosen.name}.py").write_text("x = 1\n")
            record = f"{chosen.name}.py,sha256=x,6\n{info.name}/RECORD,,\n"
            if self.damage == "escape":
                record += "../../../../../../evil,,\n"
            (info / "RECORD").write_text(record)
            if self.damage == "missing-file":
                (site / f"{chosen.name}.py").unlink()
            if self.damage == "short-file":
                (site / f"{chosen.name}.py").write_text("x")
            if self.damage == "no-record":
                (info / "RECORD").unlink()
            if self.damage == "missing-package":
                (info / "RECORD").unlink()
                info.rmdir()
        if self.damage == "error":
            raise InstallError("engine-failed", "uv stopped.")

    def distributions(self, prefix: Path, interpreter: Interpreter) -> tuple[Installed, ...]:
        return by_record(prefix, interpreter)


def by_record(prefix: Path, interpreter: Interpreter) -> tuple[Installed, ...]:
    """As uv's installer answers."""
    return record.distributions(site_packages(prefix, interpreter.version), site_path(interpreter.version))
