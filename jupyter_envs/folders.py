"""The user's folder and the current one, where there may be none: a user id that no passwd knows, a folder that was
deleted."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

NOWHERE = Path(os.devnull)
"""Stands for a folder that is not there: nothing is in it."""


def user_folder(env: Mapping[str, str] | None = None) -> Path:
    """HOME, or what passwd says, or NOWHERE."""
    try:
        return Path((os.environ if env is None else env).get("HOME") or Path.home())
    except RuntimeError:
        return NOWHERE


def current_folder() -> Path:
    try:
        return Path.cwd()
    except OSError:
        return NOWHERE
