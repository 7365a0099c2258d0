"""Combines the configuration of both tools."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from itertools import chain, count
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import msgspec

from ...settings import Settings
from .pip_config import PipConfig, pip_config
from .uv_config import UvConfig, UvIndex, uv_config
from .values import Index, Indexes

PYPI = "https://pypi.org/simple"
PASSED_ON = (
    "SSL_CERT_FILE", "SSL_CERT_DIR", "SSL_CLIENT_CERT", "NETRC", "GIT_SSL_CAINFO",
    "UV_SYSTEM_CERTS", "UV_HTTP_TIMEOUT", "UV_REQUEST_TIMEOUT", "UV_HTTP_RETRIES", "UV_OFFLINE", "UV_INSECURE_HOST",
    "UV_KEYRING_PROVIDER", "UV_CREDENTIALS_DIR", "XDG_DATA_HOME",
    "UV_PYTHON_DOWNLOADS", "UV_PYTHON_DOWNLOADS_JSON_URL", "UV_PYTHON_INSTALL_MIRROR",
)  # fmt: skip
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy")
KEYRING = ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")
"""Where a keyring program finds the keyring of the user's session."""
DEFAULT_TIMEOUT = 30.0
"""Seconds that uv waits for an answer by default; pip's default is shorter, but that is not a reason to wait less."""


def load(settings: Settings, environ: Mapping[str, str] | None = None) -> Indexes:
    """Raises IndexError_ `configuration-damaged` or `index-relative`."""
    env = os.environ if environ is None else environ
    uv, pip = uv_config(env), pip_config(env)
    indexes = _indexes(uv, pip)
    flat = [index.url for index in uv.indexes if index.format == "flat" and not index.explicit]
    links = tuple(dict.fromkeys((*flat, *uv.find_links, *pip.find_links)))
    passed = _certificates(env, pip) | _proxies(env, uv, pip) | _manners(env, uv, pip)
    if any("@" in urlsplit(link).netloc for link in links):
        passed["UV_FIND_LINKS"] = ",".join(links)
    return Indexes(
        indexes=indexes,
        find_links=tuple(_split(link)[0] for link in links),
        no_index=uv.no_index or pip.no_index,
        env=_credentials(indexes) | passed,
    )


def _certificates(env: Mapping[str, str], pip: PipConfig) -> dict[str, str]:
    found = {
        "SSL_CERT_FILE": pip.certificate or env.get("REQUESTS_CA_BUNDLE") or env.get("CURL_CA_BUNDLE"),
        "SSL_CLIENT_CERT": pip.client_certificate,
        "UV_SYSTEM_CERTS": env.get("UV_NATIVE_TLS"),
    }
    if env.get("SSL_CERT_DIR"):
        found["SSL_CERT_FILE"] = pip.certificate
    return {name: value for name, value in found.items() if value}


def _proxies(env: Mapping[str, str], uv: UvConfig, pip: PipConfig) -> dict[str, str]:
    """Variables before uv.toml before pip.conf; the first one that is set decides about all."""
    said = {name: env[name] for name in PROXIES if env.get(name)}
    without = {name for name in said if name.lower() == "no_proxy"}
    if said.keys() - without:
        return said
    by_uv = {name: value for name, value in uv.env.items() if name in PROXIES}
    if by_uv.keys() - {"NO_PROXY"}:
        return by_uv | said
    if not pip.proxy:
        return said
    return {"ALL_PROXY": pip.proxy if "://" in pip.proxy else f"http://{pip.proxy}"} | said


def _manners(env: Mapping[str, str], uv: UvConfig, pip: PipConfig) -> dict[str, str]:
    """What else uv is told. Its own settings come last, because they take precedence."""
    found: dict[str, str] = {}
    if pip.timeout and pip.timeout > DEFAULT_TIMEOUT:
        found["UV_HTTP_TIMEOUT"] = str(round(pip.timeout))
    if pip.keyring:
        found["UV_KEYRING_PROVIDER"] = "subprocess"
    found |= {name: value for name, value in uv.env.items() if name not in PROXIES}
    found |= {name: env[name] for name in PASSED_ON if env.get(name)}
    found |= {name: value for name, value in env.items() if re.fullmatch(r"UV_INDEX_\w+_(?:USERNAME|PASSWORD)", name)}
    hosts = (*found.get("UV_INSECURE_HOST", "").split(), *pip.trusted_hosts)
    if hosts:
        found["UV_INSECURE_HOST"] = " ".join(dict.fromkeys(hosts))
    if found.get("UV_KEYRING_PROVIDER"):
        found |= {name: env[name] for name in KEYRING if env.get(name)}
    return found


def _indexes(uv: UvConfig, pip: PipConfig) -> tuple[Index, ...]:
    """uv's extra indexes come before the default, since uv takes the first index that has a name. pip's come after it:
    pip treats all as equals, and a small mirror must not hide newer versions in the default index."""
    asked = [index for index in uv.indexes if index.format != "flat" or index.explicit]
    default = next((index for index in asked if index.default), UvIndex(pip.index_url or PYPI, default=True))
    names = _Names()
    for entry in (*(i for i in asked if not i.default), default, *map(UvIndex, pip.extra_index_urls)):
        names.take(entry)
    return tuple(names.taken)


class _Names:
    """Each place once, under its own name; the first one keeps the name."""

    def __init__(self) -> None:
        self.taken: list[Index] = []

    def take(self, entry: UvIndex) -> None:
        url, username, password = _split(entry.url)
        wanted = _name(entry.name or _derived(url))
        for n, known in enumerate(self.taken):
            if (known.url, known.explicit) == (url, entry.explicit):
                self.taken[n] = msgspec.structs.replace(
                    known,
                    default=known.default or entry.default,
                    username=known.username or username,
                    password=known.password or password,
                )
                return
        if entry.name and any(known.name == wanted for known in self.taken):
            return  # as in uv, the user's definition of a name covers the system's
        keys = {_key(known.name) for known in self.taken}
        numbered = (f"{wanted}-{n}" for n in count(2))
        unique = next(name for name in chain([wanted], numbered) if _key(name) not in keys)
        # An index that is the default and explicit would leave nothing to be asked for all the rest.
        explicit = entry.explicit and not entry.default
        self.taken.append(Index(unique, url, entry.default, explicit, entry.format == "flat", username, password))


def _split(place: str) -> tuple[str, str | None, str | None]:
    """(URL without user and password, user name, password). Folders become file: URLs."""
    parts = urlsplit(place)
    if not parts.netloc or "@" not in parts.netloc:
        return (Path(place).as_uri() if Path(place).is_absolute() else place).rstrip("/"), None, None
    url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])).rstrip("/")
    return url, unquote(parts.username or "") or None, unquote(parts.password or "") or None


def _derived(url: str) -> str:
    """`pypi`, or the host; for a folder the last meaningful part of its path, since the name may be in a notebook."""
    parts = urlsplit(url)
    if parts.hostname in ("pypi.org", "pypi.python.org"):
        return "pypi"
    folders = [part for part in parts.path.split("/") if part not in ("", "simple")]
    return parts.hostname or "-".join(["local", *folders[-1:]])


def _name(text: str) -> str:
    """In the form that a notebook may use."""
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")[:56] or "index"


def _key(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


def _credentials(indexes: Iterable[Index]) -> dict[str, str]:
    """In the form that uv reads, by the name of the index."""
    env: dict[str, str] = {}
    for index in indexes:
        if index.username:
            env[f"UV_INDEX_{_key(index.name)}_USERNAME"] = index.username
        if index.password:
            env[f"UV_INDEX_{_key(index.name)}_PASSWORD"] = index.password
    return env
