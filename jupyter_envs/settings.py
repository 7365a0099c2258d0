"""Settings: defaults < environment variables < flags."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from .errors import StoreError, UsageError
from .system.files import usable
from .system.folders import NOWHERE, jupyter_data_dir, user_folder
from .system.home import check

LINK_MODES = ("links", "hardlink", "copy")
COMPILE = ("background", "now", "never")
KEEP_DAYS = 30.0
REFRESH = ("background", "never")
INDEX_HOURS = 24.0


class Settings(msgspec.Struct, frozen=True):
    """`home` holds consents, journals and caches, `store` the environments; `python` is a path or a minor like 3.12."""

    home: Path
    store: Path
    python: str | None = None
    offline: bool = False
    consent: str | None = None
    """A consent digest that the caller accepts (JUPYTER_ENVS_CONSENT)."""
    link_mode: str = LINK_MODES[0]
    """How environments refer to their files: one of LINK_MODES."""
    shared_stores: tuple[Path, ...] = ()
    """Read-only stores that are searched before `store`."""
    keep_days: float = KEEP_DAYS
    """What has not been used for this many days may be deleted; 0: nothing is deleted automatically."""
    compile: str = COMPILE[0]
    """When a new wheel is compiled to bytecode: one of COMPILE."""
    index_hours: float = INDEX_HOURS
    """For how many hours the answers of an index are used; 0: it is asked each time."""
    refresh: str = REFRESH[0]
    """When an index is asked again about answers that came from the cache: one of REFRESH."""

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
        """Raises what `read` and `check` do."""
        settings = cls.read(environ, **overrides)
        settings.check()
        return settings

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
        """Without a look at the home: for who reads nothing in it before `check`. Raises UsageError `setting` for a
        variable whose value makes no sense, and StoreError where nobody says which folder is the user's."""
        env = os.environ if environ is None else environ
        home = _folder("JUPYTER_ENVS_HOME", env) or default_home(env).absolute()
        store = _folder("JUPYTER_ENVS_STORE", env) or home / "store"
        settings = cls(
            home=home,
            store=store,
            python=env.get("JUPYTER_ENVS_PYTHON") or None,
            offline=env.get("JUPYTER_ENVS_OFFLINE", "") not in ("", "0", "false"),
            consent=env.get("JUPYTER_ENVS_CONSENT") or None,
            link_mode=_one_of("JUPYTER_ENVS_LINK_MODE", LINK_MODES, env),
            shared_stores=_folders("JUPYTER_ENVS_SHARED_STORES", env),
            keep_days=_number("JUPYTER_ENVS_KEEP_DAYS", KEEP_DAYS, "days, or to 0 to keep everything", env),
            compile=_one_of("JUPYTER_ENVS_COMPILE", COMPILE, env),
            index_hours=_number("JUPYTER_ENVS_INDEX_HOURS", INDEX_HOURS, "hours, or to 0 to ask each time", env),
            refresh=_one_of("JUPYTER_ENVS_REFRESH", REFRESH, env),
        )
        return msgspec.structs.replace(settings, **{k: v for k, v in overrides.items() if v is not None})

    def check(self) -> None:
        """Raises StoreError for a home or a store in which somebody else may write: nothing in it may be read."""
        check(self.home)
        if self.home not in self.store.parents:
            for folder in (self.store, self.store / "v1"):
                usable(folder)

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    @property
    def chosen_pythons(self) -> Path:
        """The file that says which Python somebody chose for which lock."""
        return self.home / "chosen-pythons.json"


def _one_of(variable: str, words: tuple[str, ...], env: Mapping[str, str]) -> str:
    value = env.get(variable) or words[0]
    if value not in words:
        raise _wrong(variable, value, f"Set it to {', '.join(words[:-1])} or {words[-1]}.")
    return value


def _number(variable: str, default: float, what: str, env: Mapping[str, str]) -> float:
    text = env.get(variable) or str(default)
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number >= 0):
        raise _wrong(variable, text, f"Set it to a number of {what}.")
    return number


def _folder(variable: str, env: Mapping[str, str]) -> Path | None:
    text = env.get(variable)
    return _expanded(variable, text).absolute() if text else None


def _expanded(variable: str, text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:  # nobody says which folder ~ is
        raise _wrong(variable, text, "Write the absolute path.") from None


def _folders(variable: str, env: Mapping[str, str]) -> tuple[Path, ...]:
    folders = [_expanded(variable, text) for text in env.get(variable, "").split(os.pathsep) if text]
    for folder in folders:
        if not folder.is_absolute():
            raise _wrong(variable, str(folder), f"Set it to absolute paths, with {os.pathsep!r} between them.")
    return tuple(folders)


def _wrong(variable: str, value: str, hint: str) -> UsageError:
    return UsageError("setting", f"{value[:80]!r} is not a valid value for {variable}.", hint=hint)


def default_home(env: Mapping[str, str]) -> Path:
    """`<Jupyter's data folder>/jupyter_envs`; or the one that version 0.1.0 made elsewhere, as long as there is none at
    that place: there are the user's consents. Raises StoreError."""
    home = jupyter_data_dir(env) / "jupyter_envs"
    if NOWHERE in home.parents:
        raise StoreError(
            "home-unusable",
            "Cannot tell which folder is your home: HOME is not set, and this user id has no passwd "
            "entry.",
            hint="Set HOME, or JUPYTER_ENVS_HOME, to a folder of your own.",
        )  # fmt: skip
    before = _home_of_0_1_0(env)
    return before if before != home and before.is_dir() and not home.exists() else home


def _home_of_0_1_0(env: Mapping[str, str]) -> Path:
    """Without a look at JUPYTER_PLATFORM_DIRS."""
    if env.get("JUPYTER_DATA_DIR"):
        return Path(env["JUPYTER_DATA_DIR"], "jupyter_envs")
    user = Path(env.get("HOME") or user_folder(env))
    if sys.platform == "darwin":
        return user / "Library" / "Jupyter" / "jupyter_envs"
    if sys.platform == "win32":
        return Path(env.get("APPDATA") or user, "jupyter", "jupyter_envs")
    return Path(env.get("XDG_DATA_HOME") or user / ".local" / "share", "jupyter", "jupyter_envs")
