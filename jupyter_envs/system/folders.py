"""The user's folder and the current folder, which may both be missing: a user id without a passwd entry, a folder that
was deleted. And Jupyter's folders: the same as in jupyter_core, but without the 20 ms that its import takes, as long as
nothing unusual is configured."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

NOWHERE = Path(os.devnull)
"""Stands for a folder that does not exist: there is nothing in it."""
NO = ("no", "n", "false", "off", "0", "0.0")


def user_folder(env: Mapping[str, str] | None = None) -> Path:
    """HOME (USERPROFILE on Windows), or what passwd says, or NOWHERE."""
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
    """Like jupyter_core.paths.jupyter_data_dir, but below NOWHERE if the user's folder is not known."""
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
    """Like jupyter_core.paths.jupyter_config_dir, except for JUPYTER_NO_CONFIG, which makes it a new, empty folder
    there."""
    if env.get("JUPYTER_CONFIG_DIR"):
        return Path(env["JUPYTER_CONFIG_DIR"])
    if _platform_dirs(env):
        return _xdg("XDG_CONFIG_HOME", ".config", env) or _asked("jupyter_config_dir")
    return user_folder(env) / ".jupyter"


def jupyter_path(name: str) -> list[Path]:
    """Like jupyter_core.paths.jupyter_path."""
    return _search_path("jupyter_path", name) or [Path(sys.prefix, "share", "jupyter", name)]


def jupyter_config_path() -> list[Path]:
    """Like jupyter_core.paths.jupyter_config_path."""
    return _search_path("jupyter_config_path") or [Path(sys.prefix, "etc", "jupyter")]


def _search_path(function: str, *words: str) -> list[Path]:
    """Empty if the user's folder is not known."""
    from jupyter_core import paths

    try:
        return [Path(folder) for folder in getattr(paths, function)(*words)]
    except RuntimeError:
        return []


def _platform_dirs(env: Mapping[str, str]) -> bool:
    return "JUPYTER_PLATFORM_DIRS" in env and env["JUPYTER_PLATFORM_DIRS"].lower() not in NO


def _xdg(variable: str, default: str, env: Mapping[str, str]) -> Path | None:
    """None if platformdirs decides: on other systems, and for a path that is not absolute."""
    folder = Path(env.get(variable) or user_folder(env) / default)
    return folder / "jupyter" if sys.platform not in ("darwin", "win32") and folder.is_absolute() else None


def _asked(name: str) -> Path:
    """Asks Jupyter itself, with the variables of this process."""
    from jupyter_core import paths

    try:
        return Path(getattr(paths, name)())
    except RuntimeError:
        return NOWHERE / "jupyter"
