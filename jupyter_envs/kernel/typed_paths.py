"""Which of the words that people type name something on this machine: one rule for all who read words."""

from __future__ import annotations

import os
from typing import Sequence

ARCHIVES = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip")
"""Ends of the names of source archives."""
PATHS = ("--requirement", "--constraint", "--overrides", "--editable", "--find-links", "--cert", "--client-cert")
"""Options whose value is a path, if it is not an address."""


def is_path(word: str) -> bool:
    """Whether a word names a file or folder of this machine by its path."""
    if word.startswith((".", "/", "~")) or os.path.isabs(word):
        return True
    word = word.partition(";")[0].rstrip()
    bracket = word.find("[", word.rfind("]", 0, -1) + 1) if word.endswith("]") else -1
    word = word[:bracket] if bracket >= 0 else word
    if not word or word.startswith("-") or "://" in word or " " in word:
        return False
    return "/" in word or os.sep in word or word.lower().endswith((".whl", *ARCHIVES))


def brings_files(arguments: Sequence[str]) -> bool:
    """Or overrides: then no package has to be named."""
    return any(word.startswith(("--requirement=", "--editable=", "--override")) for word in arguments)
