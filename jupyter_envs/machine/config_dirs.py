"""Configuration folders: the user's own, and the system's."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ..system.folders import user_folder

SYSTEM = "JUPYTER_ENVS_SYSTEM_CONFIG"
"""Names one folder that is used instead of /etc and the like; for administrators and for tests."""


def user_config(env: Mapping[str, str]) -> Path:
    if sys.platform == "win32" and env.get("APPDATA"):
        return Path(env["APPDATA"])
    chosen = Path(env.get("XDG_CONFIG_HOME") or ".")
    return chosen if chosen.is_absolute() else user_folder(env) / ".config"


def system_config(env: Mapping[str, str]) -> list[Path]:
    """The most general folder first, unlike XDG_CONFIG_DIRS."""
    if env.get(SYSTEM):
        return [Path(env[SYSTEM])]
    if sys.platform == "win32":
        return [Path(env.get("PROGRAMDATA") or r"C:\ProgramData")]
    folders = [Path(word) for word in (env.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)]
    return [folder for folder in reversed(folders) if folder.is_absolute()]
