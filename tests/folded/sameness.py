"""That a folded environment and a plain one hold the same files."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

from .sides import Side

NOT_PACKAGES = {"pyvenv.cfg", "jupyter_envs.pth", ".lock"}


def different(folded: Side, other: Side) -> list[str]:
    """Paths that only one of them has, or whose content differs."""
    here, there = files(folded), files(other)
    assert there, "a plain environment without files"
    return sorted(path for path in here.keys() | there.keys() if here.get(path) != there.get(path))


def files(side: Side) -> dict[str, object]:
    """Path below the prefix -> what is there: bytes and whether it can be run; of lists of files without the hashes of
    scripts. Bytecode and what no package brings are left out."""
    found: dict[str, object] = {}
    for place, folders, names in os.walk(side.prefix, followlinks=True):
        folders[:] = [name for name in folders if name not in (".w", "__pycache__", "lib64")]
        for name in names:
            path = Path(place, name)
            inside = path.relative_to(side.prefix).as_posix()
            if name not in NOT_PACKAGES and not inside.startswith("bin/python"):
                found[inside] = content(side, path)
    return found


def content(side: Side, path: Path) -> object:
    if path.name == "RECORD" and path.parent.name.endswith(".dist-info"):
        rows = csv.reader(path.read_text("utf-8").splitlines())
        return sorted((row[0], "" if row[0].startswith("../") else row[1]) for row in rows)
    data = path.read_bytes()
    # A path that is too long for a `#!` line stands behind one of sh.
    start = rb"#!(/bin/sh\n'{3}exec' \"?)?" + re.escape(os.fsencode(side.python))
    if path.parent.name == "bin" and re.match(start, data):
        data = b"a command"  # how it is written may differ; that it runs is another test
    return data, bool(path.stat().st_mode & 0o111)
