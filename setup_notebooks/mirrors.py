"""Where packages come from on this machine: what pip and npm are told, in the words of uv and Yarn, which do not
read their files."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

UV_FOR_PIP = {
    "index-url": "UV_DEFAULT_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}
PIP_TRUE = {"1", "y", "yes", "t", "true", "on"}


class ForUv(NamedTuple):
    """What uv is told: in variables, and in options where it has no variable."""

    env: dict[str, str]
    options: list[str]


def for_uv() -> ForUv:
    """From pip's configuration, but for the variables that are set. Empty where this Python has no pip."""
    given = set(os.environ) | ({"UV_DEFAULT_INDEX"} if "UV_INDEX_URL" in os.environ else set())
    env = {}
    options = []
    for key, value in _pip_settings().items():
        name = UV_FOR_PIP.get(key)
        if name and name not in given:
            separator = "," if name == "UV_FIND_LINKS" else " "
            env[name] = separator.join(value.split())
        if key == "no-index" and value.lower() in PIP_TRUE:
            options.append("--no-index")
    return ForUv(env, options)


def _pip_settings() -> dict[str, str]:
    """pip lists what counts more later."""
    argv = [sys.executable, "-I", "-m", "pip", "config", "list"]
    listing = subprocess.run(argv, capture_output=True, text=True, check=False)
    rows = [line.partition("=") for line in listing.stdout.splitlines()]
    return {key.rpartition(".")[2]: str(ast.literal_eval(value)) for key, _, value in rows}


def npm_registry(env: Mapping[str, str]) -> str | None:
    """The registry that npm is told to use; there may be no npm to ask."""
    named = env.get("npm_config_registry") or env.get("NPM_CONFIG_REGISTRY")
    file = Path(env.get("NPM_CONFIG_USERCONFIG") or Path(env.get("HOME", "/"), ".npmrc"))
    if named or not file.is_file():
        return named
    text = file.read_text(encoding="utf-8", errors="replace")
    found = re.search(r"^\s*registry\s*=\s*(\S+)", text, re.MULTILINE)
    return found[1] if found else None
