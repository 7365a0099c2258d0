"""What it means when uv cannot fetch a Python: its words are made for people who know uv."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..change import Options
from ..errors import EnvsError, IndexError_, InstallError, PolicyError, PythonError
from ..policy import Policy

if TYPE_CHECKING:
    from .downloads import Download

BUILD = (
    "To fetch it and build: `jupyter envs build NOTEBOOK`. Or choose another: `jupyter envs python NOTEBOOK VERSION`."
)
TYPED = "To fetch it, in a terminal: `jupyter envs lock NOTEBOOK --fetch-python`."
KEPT = ("cancelled", "engine-missing", "engine-old", "offline", "proxy-auth", "tool-timeout")
"""They say the same here as anywhere."""
NEVER = ("never", "false", "0")
"""Of UV_PYTHON_DOWNLOADS."""
UNREACHABLE = ("index-unavailable", "index-timeout", "index-certificate", "index-auth", "file-gone")
DAMAGED = r"Failed to extract|unexpected end of file|Invalid (?:tar|gzip)|Interrupted download"
GONE = r"failed to query metadata of file|No such file|failed to open file"


def explained(error: EnvsError, what: str, folder: Path) -> EnvsError:
    """`what`: `Python 3.9.23 from example.org`, or the list of them; `folder`: where it was to be."""
    if error.code in KEPT:
        return error
    if error.code == "disk-full":
        return _failed("disk-full", f"The disk that holds {folder} is full.", error)
    told = re.sub(r"\s+", " ", error.details or error.sentence)
    if "No download found for request" in told:
        return _failed("python-unknown", f"{what} is none that uv can fetch for this machine.", error)
    if "Hash mismatch" in told:
        return _failed("python-damaged", f"{what} is not what uv knows it to be: its sha256 differs.", error)
    if re.search(DAMAGED, told):
        return _failed("python-damaged", f"{what} came damaged.", error)
    if error.code in UNREACHABLE or re.search(GONE, told):
        return _failed("python-unreachable", f"{what} cannot be reached.", error)
    return _failed("python-fetch-failed", f"{what} cannot be had.", error)


def _failed(code: str, sentence: str, error: EnvsError) -> InstallError:
    return InstallError(code, sentence, details=error.details or error.sentence)


def forbidden(policy: Policy, env: Mapping[str, str] | None = None, *, offline: bool = False) -> EnvsError | None:
    """Why no Python may be fetched. `env`: what the user's configuration tells uv."""
    told = env or {}
    if policy.fetch_python == "never":
        return PolicyError("policy-python", "The policy of this machine does not allow that a Python is fetched.")
    if told.get("UV_PYTHON_DOWNLOADS", "").lower() in NEVER:
        return PythonError("python-fetch-off", "Your configuration of uv does not allow that a Python is fetched.")
    if offline or told.get("UV_OFFLINE"):
        return IndexError_("offline", "To fetch a Python needs the network, and working offline was asked for.")
    return None


def offering(error: PythonError, download: Download, hint: str = BUILD) -> PythonError:
    """The error of a Python that is not here, with the one that could be fetched; `hint`: how."""
    return PythonError(
        error.code,
        f"{error.sentence} Python {download.version} can be fetched from {download.source}.",
        hint=hint,
        data=error.data | {"fetch": download.to_dict()},
    )


def unknown(error: PythonError, options: Options) -> PythonError:
    """Where uv has none that fits either."""
    if options.fetch_python != "yes":
        return error
    return PythonError(
        "python-unknown", f"{error.sentence} None that fits can be fetched for this machine.", data=error.data
    )
