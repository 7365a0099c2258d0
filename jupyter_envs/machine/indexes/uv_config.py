"""What uv's own configuration says about indexes: UV_* variables, the user's uv.toml, the system's."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

import msgspec

from .. import config_dirs
from . import files

NAMED = re.compile(r"([A-Za-z0-9._-]+)=(.+)")


class UvIndex(msgspec.Struct, frozen=True, rename="kebab"):
    url: str
    name: str | None = None
    default: bool = False
    explicit: bool = False
    format: str = "simple"


class _Places(msgspec.Struct, frozen=True, rename="kebab"):
    index: tuple[UvIndex, ...] = ()
    index_url: str | None = None
    extra_index_url: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    keyring_provider: str | None = None


class _Table(_Places, frozen=True, rename="kebab"):
    """The keys of a uv.toml that concern indexes."""

    pip: _Places = _Places()
    native_tls: bool = False
    system_certs: bool = False
    offline: bool = False
    allow_insecure_host: tuple[str, ...] = ()
    http_proxy: str | None = None
    https_proxy: str | None = None
    no_proxy: tuple[str, ...] = ()
    python_downloads: str | bool | None = None
    python_downloads_json_url: str | None = None
    python_install_mirror: str | None = None


class UvConfig(msgspec.Struct, frozen=True):
    """At most one of `indexes` is the default. `env` holds UV_* and proxy variables that say what the files say."""

    indexes: tuple[UvIndex, ...]
    find_links: tuple[str, ...]
    no_index: bool
    env: Mapping[str, str]


def uv_config(env: Mapping[str, str]) -> UvConfig:
    """Variables before files, the user's before the system's; lists are joined, as in uv. Raises IndexError_
    `configuration-damaged` or `index-relative`."""
    tables = [table for path in _files(env) if (table := _read(path, env))]
    places: list[_Places] = [place for table in tables for place in (table.pip, table)]
    found = [*_variables(env), *chain.from_iterable(map(_indexes_of, places))]
    default = next((index for index in found if index.default), None)
    return UvConfig(
        indexes=tuple(index for index in found if not index.default or index is default),
        find_links=(*_links(env), *chain.from_iterable(place.find_links for place in places)),
        no_index=files.true(env.get("UV_NO_INDEX")) or any(place.no_index for place in places),
        env=_settings(tables, places),
    )


def _settings(tables: list[_Table], places: list[_Places]) -> dict[str, str]:
    env = {
        "UV_KEYRING_PROVIDER": next((place.keyring_provider for place in places if place.keyring_provider), None),
        "UV_SYSTEM_CERTS": "1" if any(table.native_tls or table.system_certs for table in tables) else None,
        "UV_OFFLINE": "1" if any(table.offline for table in tables) else None,
        "UV_INSECURE_HOST": " ".join(chain.from_iterable(table.allow_insecure_host for table in tables)),
        "HTTP_PROXY": next((table.http_proxy for table in tables if table.http_proxy), None),
        "HTTPS_PROXY": next((table.https_proxy for table in tables if table.https_proxy), None),
        "UV_PYTHON_DOWNLOADS": next((str(t.python_downloads) for t in tables if t.python_downloads is not None), None),
        "UV_PYTHON_DOWNLOADS_JSON_URL": next(
            (t.python_downloads_json_url for t in tables if t.python_downloads_json_url), None
        ),
        "UV_PYTHON_INSTALL_MIRROR": next((t.python_install_mirror for t in tables if t.python_install_mirror), None),
        "NO_PROXY": ",".join(chain.from_iterable(table.no_proxy for table in tables)),
    }
    return {name: value for name, value in env.items() if value}


def _variables(env: Mapping[str, str]) -> Iterator[UvIndex]:
    default = env.get("UV_DEFAULT_INDEX") or env.get("UV_INDEX_URL")
    if default:
        yield _named(default, env, default=True)
    for variable in ("UV_INDEX", "UV_EXTRA_INDEX_URL"):
        for word in env.get(variable, "").split():
            yield _named(word, env)


def _named(word: str, env: Mapping[str, str], *, default: bool = False) -> UvIndex:
    """`name=https://…` or a bare URL."""
    match = NAMED.fullmatch(word)
    name, url = (match[1], match[2]) if match else (None, word)
    return UvIndex(files.resolve_place(url, env, "UV_INDEX"), name, default)


def _links(env: Mapping[str, str]) -> Iterator[str]:
    for word in env.get("UV_FIND_LINKS", "").split(","):
        if word.strip():
            yield files.resolve_place(word.strip(), env, "UV_FIND_LINKS")


def _indexes_of(place: _Places) -> Iterator[UvIndex]:
    yield from place.index
    if place.index_url:
        yield UvIndex(place.index_url, default=True)
    yield from map(UvIndex, place.extra_index_url)


def _files(env: Mapping[str, str]) -> Iterator[Path]:
    if files.true(env.get("UV_NO_CONFIG")):
        return
    if env.get("UV_CONFIG_FILE"):
        yield Path(env["UV_CONFIG_FILE"])
        return
    yield config_dirs.user_config(env) / "uv" / "uv.toml"
    for folder in reversed(config_dirs.system_config(env)):
        yield folder / "uv" / "uv.toml"
    if sys.platform != "win32" and not env.get(config_dirs.SYSTEM):
        yield Path("/etc/uv/uv.toml")


def _read(path: Path, env: Mapping[str, str]) -> _Table | None:
    text = files.text_of(path)
    if text is None:
        return None
    try:
        table = msgspec.toml.decode(text, type=_Table)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise files.damaged(path, error) from None

    def absolute(place: str) -> str:
        return files.resolve_place(place, env, str(path), path.parent)

    def settled(place: _Places) -> _Places:
        return msgspec.structs.replace(
            place,
            index=tuple(msgspec.structs.replace(index, url=absolute(index.url)) for index in place.index),
            index_url=absolute(place.index_url) if place.index_url else None,
            extra_index_url=tuple(map(absolute, place.extra_index_url)),
            find_links=tuple(map(absolute, place.find_links)),
        )

    settled_table = settled(table)
    assert isinstance(settled_table, _Table)
    return msgspec.structs.replace(settled_table, pip=settled(table.pip))
