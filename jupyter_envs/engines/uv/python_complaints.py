"""What it means when uv cannot download a Python. uv's own messages are written for people who know uv."""

from __future__ import annotations

import re
from pathlib import Path

from ...errors import EnvsError, InstallError
from .complaints import UNREACHABLE

KEPT = ("cancelled", "engine-missing", "engine-old", "offline", "proxy-auth", "tool-timeout")
"""They mean the same here as anywhere."""
DAMAGED = r"Failed to extract|unexpected end of file|Invalid (?:tar|gzip)|Interrupted download"
GONE = r"failed to query metadata of file|No such file|failed to open file"


def explain_python_error(error: EnvsError, what: str, folder: Path) -> EnvsError:
    """`what`: `Python 3.9.23 from example.org`, or the list of them; `folder`: where it was to be."""
    if error.code in KEPT:
        return error
    if error.code == "disk-full":
        return _failed("disk-full", f"The disk that holds {folder} is full.", error)
    told = re.sub(r"\s+", " ", error.details or error.sentence)
    if "No download found for request" in told:
        return _failed("python-unknown", f"uv cannot download {what} for this machine.", error)
    if "Hash mismatch" in told:
        return _failed("python-damaged", f"{what} is not the file that uv expects: its sha256 differs.", error)
    if re.search(DAMAGED, told):
        return _failed("python-damaged", f"{what} was damaged when it arrived.", error)
    if error.code in (*UNREACHABLE, "file-gone") or re.search(GONE, told):
        return _failed("python-unreachable", f"{what} cannot be reached.", error)
    name, _, source = what.partition(" from ")  # the list of Pythons has no source
    whence = f" from {source}" if source else ""
    return _failed("python-fetch-failed", f"{name} could not be downloaded{whence}.", error)


def _failed(code: str, sentence: str, error: EnvsError) -> InstallError:
    return InstallError(code, sentence, details=error.details or error.sentence)
