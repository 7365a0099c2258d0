"""The user's folder and the current one, where there may be none: a user id that no passwd knows, a folder that was
deleted. And Jupyter's: as jupyter_core has them, without the 20 ms that its import takes, as long as nothing unusual is
asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

NOWHERE = Path(os.devnull)
"""Stands for a folder that is not there: nothing is in it."""
NO = ("no", "n", "false", "off", "0", "0.0")


def user_folder(env: Mapping[str, str] | None = None) -> Path:
    """HOME (on Windows USERPROFILE), or what passwd says, or NOWHERE."""
    variables = os.environ if env is None else env
    try:
        return Path(variables.get("USERPROFILE" if sys.platform == "win32" else "HOME") or Path.home())
    except RuntimeError:
        return NOWHERE


def current_folder() -> Path:
    try:
        return Path.cwd()
    except OSError:
        return NOWHERE


def jupyter_data_dir(env: Mapping[str, str]) -> Path:
    """As jupyter_core.paths.jupyter_data_dir, below NOWHERE where nobody says which folder is the user's."""
    if env.get("JUPYTER_DATA_DIR"):
        return Path(env["JUPYTER_DATA_DIR"])
    if _platform_dirs(env):
        return _xdg("XDG_DATA_HOME", ".local/share", env) or _asked("jupyter_data_dir")
    if sys.platform == "darwin":
        return user_folder(env) / "Library" / "Jupyter"
    if sys.platform == "win32":
        return Path(env["APPDATA"], "jupyter") if env.get("APPDATA") else jupyter_config_dir(env) / "data"
    return Path(env.get("XDG_DATA_HOME") or user_folder(env) / ".local" / "share", "jupyter")


def jupyter_config_dir(env: Mapping[str, str]) -> Path:
    """As jupyter_core.paths.jupyter_config_dir, but for JUPYTER_NO_CONFIG, with which that is a new, empty folder."""
    if env.get("JUPYTER_CONFIG_DIR"):
        return Path(env["JUPYTER_CONFIG_DIR"])
    if _platform_dirs(env):
        return _xdg("XDG_CONFIG_HOME", ".config", env) or _asked("jupyter_config_dir")
    return user_folder(env) / ".jupyter"


def _platform_dirs(env: Mapping[str, str]) -> bool:
    return "JUPYTER_PLATFORM_DIRS" in env and env["JUPYTER_PLATFORM_DIRS"].lower() not in NO


def _xdg(variable: str, default: str, env: Mapping[str, str]) -> Path | None:
    """None where platformdirs decides: on other systems, and about a path that is not absolute."""
    folder = Path(env.get(variable) or user_folder(env) / default)
    return folder / "jupyter" if sys.platform not in ("darwin", "win32") and folder.is_absolute() else None


def _asked(name: str) -> Path:
    """Jupyter itself, by the variables of this process."""
    from jupyter_core import paths

    try:
        return Path(getattr(paths, name)())
    except RuntimeError:
        return NOWHERE / "jupyter"
