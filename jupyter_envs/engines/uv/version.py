"""Which version of uv this is: older ones can be tricked into writing outside of the folder into which they unpack an
archive."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ...errors import InstallError
from ...system import kept, process

OLDEST = (0, 11, 28)
UPGRADE = f"Run: pip install -U 'uv>={'.'.join(map(str, OLDEST))}'"
VERSION_TIMEOUT = 20.0
"""Seconds."""


def check(program: Path, cache: Path) -> None:
    """Raises InstallError `engine-old`, `engine-failed`, `engine-missing`. The answer of a program is remembered in
    `cache`, a folder, for as long as the program's file stays the same."""
    status = program.stat() if program.is_file() else None
    about = [str(program), status.st_size, status.st_mtime_ns, status.st_ino] if status else None
    file = cache / "uv.json"
    if about and kept.recalled(file, list[Any]) == about:
        return
    version = asked(program)
    if version < OLDEST:
        said = ".".join(map(str, version))
        raise InstallError(
            "engine-old", f"uv {said} ({program}) is too old to unpack strangers' packages safely.", hint=UPGRADE
        )
    kept.keep(file, about)


def asked(program: Path) -> tuple[int, ...]:
    """The version that it reports. Raises InstallError."""
    done = process.run([program, "--version"], env=process.scrubbed({}), timeout=VERSION_TIMEOUT)
    found = re.match(r"uv (\d+)\.(\d+)\.(\d+)\b", done.stdout, re.ASCII)
    if done.returncode or not found:
        what = f"ended with exit code {done.returncode}" if done.returncode else "does not report its version"
        raise InstallError(
            "engine-failed", f"{program} {what}.", hint=UPGRADE, details=f"{done.stdout}\n{done.stderr}".strip()
        )
    return tuple(int(number) for number in found.groups())
