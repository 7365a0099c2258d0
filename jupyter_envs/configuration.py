"""What uv's and pip's own configuration files and variables say about indexes. Only those of user and system."""

from __future__ import annotations

import configparser
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import IndexError_

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class UvIndex:
    url: str
    name: str | None = None
    default: bool = False
    explicit: bool = False


@dataclass(frozen=True)
class UvConfig:
    indexes: tuple[UvIndex, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    keyring_provider: str | None = None
    system_certificates: bool = False
    insecure_hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class PipConfig:
    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    certificate: str | None = None
    proxy: str | None = None
    trusted_hosts: tuple[str, ...] = ()


def uv_config(env: Mapping[str, str]) -> UvConfig:
    """UV_* variables over the user's uv.toml over the system's. Raises IndexError_ `configuration-damaged`."""
    tables = [_toml(path) for path in _uv_files(env)]
    indexes = [*_env_indexes(env)]
    for table in tables:
        indexes += _table_indexes(table)
    first_default = next((i for i in indexes if i.default), None)
    kept = tuple(i for i in indexes if not i.default or i is first_default)
    links = env["UV_FIND_LINKS"].split(",") if env.get("UV_FIND_LINKS") else _first(tables, "find-links") or []
    return UvConfig(
        indexes=kept,
        find_links=tuple(links),
        no_index=_true(env.get("UV_NO_INDEX")) or bool(_first(tables, "no-index")),
        keyring_provider=env.get("UV_KEYRING_PROVIDER") or _first(tables, "keyring-provider"),
        system_certificates=bool(_first(tables, "native-tls") or _first(tables, "system-certs")),
        insecure_hosts=tuple(_first(tables, "allow-insecure-host") or ()),
    )


def pip_config(env: Mapping[str, str]) -> PipConfig:
    """PIP_* variables over pip.conf of the virtual environment, the user and the system."""
    values: dict[str, str] = {}
    for path in _pip_files(env):
        values |= _ini(path)
    for key in ("index-url", "extra-index-url", "find-links", "no-index", "cert", "proxy", "trusted-host"):
        value = env.get("PIP_" + key.upper().replace("-", "_"))
        if value:
            values[key] = value
    return PipConfig(
        index_url=values.get("index-url"),
        extra_index_urls=tuple(values.get("extra-index-url", "").split()),
        find_links=tuple(values.get("find-links", "").split()),
        no_index=_true(values.get("no-index")),
        certificate=values.get("cert"),
        proxy=values.get("proxy"),
        trusted_hosts=tuple(values.get("trusted-host", "").split()),
    )


def _env_indexes(env: Mapping[str, str]) -> Iterator[UvIndex]:
    default = env.get("UV_DEFAULT_INDEX") or env.get("UV_INDEX_URL")
    if default:
        yield _named(default, default=True)
    for name in ("UV_INDEX", "UV_EXTRA_INDEX_URL"):
        for word in env.get(name, "").split():
            yield _named(word)


def _named(word: str, *, default: bool = False) -> UvIndex:
    """`name=https://…` or a bare URL."""
    match = re.fullmatch(r"([A-Za-z0-9._-]+)=(\S+://\S+)", word)
    return UvIndex(match[2], match[1], default) if match else UvIndex(word, default=default)


def _table_indexes(table: Mapping[str, Any]) -> Iterator[UvIndex]:
    for entry in table.get("index", ()):
        yield UvIndex(entry["url"], entry.get("name"), entry.get("default", False), entry.get("explicit", False))
    for place in (table, table.get("pip", {})):
        if place.get("index-url"):
            yield UvIndex(place["index-url"], default=True)
        for url in place.get("extra-index-url", ()):
            yield UvIndex(url)


def _first(tables: list[Mapping[str, Any]], key: str) -> Any:
    for table in tables:
        for place in (table, table.get("pip", {})):
            if key in place:
                return place[key]
    return None


def _uv_files(env: Mapping[str, str]) -> Iterator[Path]:
    if env.get("UV_NO_CONFIG"):
        return
    if env.get("UV_CONFIG_FILE"):
        yield Path(env["UV_CONFIG_FILE"])
        return
    yield _user_config(env) / "uv" / "uv.toml"
    for folder in _system_config(env):
        yield folder / "uv" / "uv.toml"
    if sys.platform != "win32" and not env.get("XDG_CONFIG_DIRS"):
        yield Path("/etc/uv/uv.toml")


def _pip_files(env: Mapping[str, str]) -> Iterator[Path]:
    chosen = env.get("PIP_CONFIG_FILE")
    if chosen == os.devnull:
        return
    name = "pip.ini" if sys.platform == "win32" else "pip.conf"
    for folder in _system_config(env):
        yield folder / "pip" / name
    if sys.platform != "win32" and not env.get("XDG_CONFIG_DIRS"):
        yield Path("/etc/pip.conf")
    home = Path(env.get("HOME") or Path.home())
    yield home / (Path("pip") if sys.platform == "win32" else Path(".pip")) / name
    if sys.platform == "darwin":
        yield home / "Library/Application Support/pip" / name
    yield _user_config(env) / "pip" / name
    yield Path(env.get("VIRTUAL_ENV") or sys.prefix) / name
    if chosen:
        yield Path(chosen)


def _user_config(env: Mapping[str, str]) -> Path:
    if sys.platform == "win32" and env.get("APPDATA"):
        return Path(env["APPDATA"])
    return Path(env.get("XDG_CONFIG_HOME") or Path(env.get("HOME") or Path.home()) / ".config")


def _system_config(env: Mapping[str, str]) -> list[Path]:
    if sys.platform == "win32":
        return [Path(env.get("PROGRAMDATA") or r"C:\ProgramData")]
    return [Path(folder) for folder in (env.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep) if folder]


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _damaged(path, error) from None


def _ini(path: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return {}
    except (configparser.Error, UnicodeDecodeError) as error:
        raise _damaged(path, error) from None
    return {k.replace("_", "-"): v for s in ("global", "install") if parser.has_section(s) for k, v in parser[s].items()}


def _damaged(path: Path, error: Exception) -> IndexError_:
    return IndexError_(
        "configuration-damaged", f"{path} cannot be read.", hint="Mend it, then try again.", details=str(error)
    )


def _true(value: str | None) -> bool:
    return (value or "").strip().lower() in ("1", "true", "yes", "on")
