"""How notebooks and front ends call our kernel; and what a notebook's metadata says about its language. Programs write
Python in many ways, and some do not write the language at all."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

NAME = "jupyter-envs"
DISPLAY_NAME = "Python (notebook environment)"
KERNELSPEC = {"display_name": DISPLAY_NAME, "language": "python", "name": NAME}
"""Of a notebook's metadata."""
PYTHON = re.compile(r"i?python[\s\d.]*(\(.*\)|\[.*\])?\s*\*?", re.DOTALL)
"""Also "python3", "Python 3.11", "ipython", "Python 3 (ipykernel)", "Python [conda env:base] *"."""
OTHERS = {
    "r": "ir r xr", "julia": "julia", "bash": "bash", "octave": "octave", "matlab": "matlab", "c++": "xcpp",
    "javascript": "javascript xjavascript ijavascript", "typescript": "deno tslab", "rust": "rust evcxr_jupyter",
    "go": "gophernotes gonb", "ruby": "ruby", "scala": "scala", "java": "java ijava", "kotlin": "kotlin",
    "haskell": "ihaskell haskell", "sas": "sas", "stata": "stata nbstata", "sos": "sos", "sql": "sql xsqlite",
    "wolfram language": "wolframlanguage", "c#": ".net-csharp", "f#": ".net-fsharp", "lua": "lua",
    "powershell": ".net-powershell powershell", "perl": "perl iperl", "clojure": "clojupyter", "sage": "sagemath",
}  # fmt: skip
"""The usual names of their kernels, without version: some notebooks name only the kernel."""
VERSION = re.compile(r"[-_. ]?\d[\w.+-]*$")


def language_of(metadata: Mapping[str, Any]) -> str | None:
    """In lower case, "python" however it is written; None if the notebook does not say."""
    spec = _object(metadata.get("kernelspec"))
    said = _text(spec.get("language")) or _text(_object(metadata.get("language_info")).get("name"))
    if said:
        return "python" if PYTHON.fullmatch(said.strip().lower()) else said.strip().lower()
    name = (_text(spec.get("name")) or "").lower()
    names = {name, VERSION.sub("", name)}
    return next((language for language, kernels in OTHERS.items() if names & {*kernels.split()}), None)


def in_python(metadata: Mapping[str, Any]) -> bool:
    """Also where the notebook does not say in which language it is."""
    return language_of(metadata) in (None, "python")


def language_info_of(metadata: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a kernel may say of itself: none that a message cannot hold (NaN, half a character)."""
    info = _object(metadata.get("language_info"))
    try:
        json.dumps(info, allow_nan=False, ensure_ascii=False).encode()
    except ValueError:
        return None
    return info or None


def kernelspec_name_of(metadata: Mapping[str, Any]) -> str | None:
    return _text(_object(metadata.get("kernelspec")).get("name"))


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
