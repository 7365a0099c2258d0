"""Is an environment what its closure says? Answered from RECORD files, never by starting its Python."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from packaging.utils import canonicalize_name

from ..closure import Closure
from ..errors import InstallError


def verify(prefix: Path, site: Path, closure: Closure) -> None:
    """Raises InstallError `incomplete` or `wheel-escape`."""
    found: dict[str, str] = {}
    root = os.path.realpath(prefix) + os.sep
    for info in site.glob("*.dist-info"):
        name, _, version = info.name.removesuffix(".dist-info").rpartition("-")
        found[canonicalize_name(name)] = version
        _verify_record(info, site, root)
    wanted = {row.name for row in closure.rows}
    missing, extra = wanted - found.keys(), found.keys() - wanted
    if missing or extra:
        names = ", ".join(sorted(missing | extra))
        raise InstallError("incomplete", f"The new environment does not hold what the lock says: {names}.")


def _verify_record(info: Path, site: Path, root: str) -> None:
    record = info / "RECORD"
    if not record.is_file():
        raise InstallError("incomplete", f"{info.name} has no list of its files.")
    base = os.path.realpath(site)
    with record.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            if not row:
                continue
            path = os.path.normpath(os.path.join(base, row[0]))  # noqa: PTH118  # 15,000 of them: Path is 5 times slower
            if not path.startswith(root):
                raise InstallError("wheel-escape", f"{info.name} names a file outside the environment: {row[0][:200]}.")
            try:
                size = os.stat(path).st_size  # noqa: PTH116
            except OSError:
                raise InstallError("incomplete", f"{info.name}: {row[0][:200]} is missing.") from None
            if len(row) > 2 and row[2] and row[1] and size != int(row[2]) and not path.endswith(".pyc"):
                raise InstallError("incomplete", f"{info.name}: {row[0][:200]} has the wrong size.")
