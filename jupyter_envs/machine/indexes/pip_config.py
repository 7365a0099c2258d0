"""What pip's own configuration says about indexes: PIP_* variables over pip.conf files, in pip's order."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from ...system.folders import user_folder
from .. import config_dirs
from . import files

SECTIONS = ("global", "install")
KEYS = ("index-url", "extra-index-url", "find-links", "no-index", "cert", "client-cert", "proxy", "trusted-host",
        "timeout", "default-timeout", "keyring-provider")  # fmt: skip


class PipConfig(msgspec.Struct, frozen=True):
    """`timeout` in seconds."""

    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    certificate: str | None = None
    client_certificate: str | None = None
    proxy: str | None = None
    trusted_hosts: tuple[str, ...] = ()
    timeout: float | None = None
    keyring: bool = False


def pip_config(env: Mapping[str, str]) -> PipConfig:
    """Raises IndexError_ `configuration-damaged` or `index-relative`."""
    values = _values(env)

    def places(key: str) -> tuple[str, ...]:
        return tuple(files.resolve_place(word, env, f"pip's {key}") for word in values.get(key, "").split())

    return PipConfig(
        index_url=next(iter(places("index-url")), None),
        extra_index_urls=places("extra-index-url"),
        # pip only warns of a folder that is not there, uv would stop.
        find_links=tuple(p for p in places("find-links") if not Path(p).is_absolute() or Path(p).exists()),
        no_index=files.true(values.get("no-index")),
        certificate=values.get("cert"),
        client_certificate=values.get("client-cert"),
        proxy=values.get("proxy"),
        trusted_hosts=tuple(values.get("trusted-host", "").split()),
        timeout=_seconds(values.get("timeout") or values.get("default-timeout")),
        keyring=values.get("keyring-provider") in ("import", "subprocess"),
    )


def _values(env: Mapping[str, str]) -> dict[str, str]:
    """Later files over earlier ones, `[install]` over `[global]` in whatever order, variables over both."""
    found: dict[tuple[str, str], str] = {}
    for path in _files(env):
        found |= _read(path)
    values = {key: value for section in SECTIONS for (where, key), value in found.items() if where == section}
    variables = {key: env.get("PIP_" + key.upper().replace("-", "_")) for key in KEYS}
    return values | {key: value for key, value in variables.items() if value}


def _files(env: Mapping[str, str]) -> Iterator[Path]:
    chosen = env.get("PIP_CONFIG_FILE")
    if chosen == os.devnull:
        return
    name = "pip.ini" if sys.platform == "win32" else "pip.conf"
    if chosen:
        yield Path(chosen)
    for folder in config_dirs.system_config(env):
        yield folder / "pip" / name
    if sys.platform != "win32":
        yield Path(env.get(config_dirs.SYSTEM) or "/etc") / name
    if not (chosen and Path(chosen).exists()):
        home = user_folder(env)
        yield home / ("pip" if sys.platform == "win32" else ".pip") / name
        if sys.platform == "darwin":
            yield home / "Library/Application Support/pip" / name
        yield config_dirs.user_config(env) / "pip" / name
    # Of the Python that runs us. Not VIRTUAL_ENV's: in a kernel that is the notebook's, into which any package may
    # have put a pip.conf.
    yield Path(sys.prefix, name)


def _read(path: Path) -> dict[tuple[str, str], str]:
    text = files.text_of(path)
    if not text:
        return {}
    import configparser  # here: most users have no such file, and it takes 4 ms

    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise files.damaged(path, error) from None
    sections = [section for section in SECTIONS if parser.has_section(section)]
    return {(s, k.replace("_", "-")): v for s in sections for k, v in parser[s].items() if v}


def _seconds(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
