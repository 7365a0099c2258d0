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

UV_FOR_PIP = {
    "index-url": "UV_DEFAULT_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}


def indexes() -> dict[str, str]:
    """Variables for uv from pip's configuration, but for those that are set. Empty where this Python has no pip."""
    listing = subprocess.run(
        [sys.executable, "-I", "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    given = set(os.environ) | ({"UV_DEFAULT_INDEX"} if "UV_INDEX_URL" in os.environ else set())
    found = {}
    for line in listing.stdout.splitlines():
        key, _, value = line.partition("=")
        name = UV_FOR_PIP.get(key.rpartition(".")[2])
        if name and name not in given:
            separator = "," if name == "UV_FIND_LINKS" else " "
            found[name] = separator.join(str(ast.literal_eval(value)).split())
    return found


def npm_registry(env: Mapping[str, str]) -> str | None:
    """The registry that npm is told to use; there may be no npm to ask."""
    named = env.get("npm_config_registry") or env.get("NPM_CONFIG_REGISTRY")
    file = Path(env.get("NPM_CONFIG_USERCONFIG") or Path(env.get("HOME", "/"), ".npmrc"))
    if named or not file.is_file():
        return named
    text = file.read_text(encoding="utf-8", errors="replace")
    found = re.search(r"^\s*registry\s*=\s*(\S+)", text, re.MULTILINE)
    return found[1] if found else None
