"""The Python of an environment of conda, as its records say it: nothing of such an environment is started for it."""

from __future__ import annotations

import json
import os
import platform
import re
from pathlib import Path

from ...model.interpreter import Interpreter

RECORD = re.compile(r"python-(3\.\d+\.\d+(?:(?:a|b|rc)\d+)?)-\w*?(_cpython|_cp3\d+t?)?\.json", re.ASCII)
MACHINES = {
    "linux-64": "x86_64",
    "linux-aarch64": "aarch64",
    "osx-64": "x86_64",
    "osx-arm64": "arm64",
    "win-64": "AMD64",
}
MOST = 5 << 20


def python_at(path: Path) -> Interpreter | None:
    """None where no environment of conda says so; then the file is asked itself."""
    prefix = path.parent if os.name == "nt" else path.parent.parent
    try:
        records = sorted((prefix / "conda-meta").glob("python-3.*.json"))
        found = RECORD.fullmatch(records[0].name) if len(records) == 1 else None
        if not found or records[0].stat().st_size > MOST:
            return None
        record = json.loads(records[0].read_bytes())
        version, subdir, build = record["version"], record["subdir"], str(record["build"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    if version != found[1] or "pypy" in build:
        return None
    arch = MACHINES.get(subdir, platform.machine())
    return Interpreter(path, "cpython", version, arch, "conda", "t" if build.endswith("t") and "_cp3" in build else "")
