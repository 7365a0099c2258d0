"""Settings: defaults < environment variables < flags."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Settings:
    """`home` holds consents, journals and caches, `store` the environments; `python` is a path or a minor like 3.12."""

    home: Path
    store: Path
    python: str | None = None
    offline: bool = False
    consent: str | None = None
    """A consent digest that the caller accepts (JUPYTER_ENVS_CONSENT)."""

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
        env = os.environ if environ is None else environ
        home = Path(env.get("JUPYTER_ENVS_HOME") or default_home(env)).expanduser().absolute()
        store = Path(env.get("JUPYTER_ENVS_STORE") or home / "store").expanduser().absolute()
        settings = cls(
            home=home,
            store=store,
            python=env.get("JUPYTER_ENVS_PYTHON") or None,
            offline=env.get("JUPYTER_ENVS_OFFLINE", "") not in ("", "0", "false"),
            consent=env.get("JUPYTER_ENVS_CONSENT") or None,
        )
        return replace(settings, **{k: v for k, v in overrides.items() if v is not None})

    @property
    def cache(self) -> Path:
        return self.home / "cache"


def default_home(env: Mapping[str, str]) -> Path:
    """`<jupyter data folder>/jupyter_envs`, as jupyter_core.paths.jupyter_data_dir, without its import cost."""
    if env.get("JUPYTER_DATA_DIR"):
        return Path(env["JUPYTER_DATA_DIR"], "jupyter_envs")
    user = Path(env.get("HOME") or Path.home())
    if sys.platform == "darwin":
        return user / "Library" / "Jupyter" / "jupyter_envs"
    if sys.platform == "win32":
        return Path(env.get("APPDATA") or user, "jupyter", "jupyter_envs")
    return Path(env.get("XDG_DATA_HOME") or user / ".local" / "share", "jupyter", "jupyter_envs")
