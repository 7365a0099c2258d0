"""Index names -> URLs and credentials, from the user's and the system's configuration only: uv.toml, pip.conf and
environment variables. Never from a file near a notebook. Credentials travel in the environment, never in argv."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit, urlunsplit

from .configuration import PipConfig, UvConfig, pip_config, uv_config
from .errors import IndexError_
from .settings import Settings

PYPI = "https://pypi.org/simple"
PASSED_ON = (
    "SSL_CERT_FILE", "SSL_CERT_DIR", "NETRC", "UV_HTTP_TIMEOUT", "UV_NATIVE_TLS", "UV_SYSTEM_CERTS",
    "UV_KEYRING_PROVIDER", "UV_INSECURE_HOST", "UV_REQUEST_TIMEOUT", "UV_CREDENTIALS_DIR",
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy",
)  # fmt: skip


@dataclass(frozen=True)
class Index:
    """`url` is without user name and password; an `explicit` index serves only packages that are assigned to it."""

    name: str
    url: str
    default: bool = False
    explicit: bool = False
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Indexes:
    """In uv's order of priority. `env`: what uv needs to know of certificates, proxies and passwords."""

    indexes: tuple[Index, ...]
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    env: Mapping[str, str] = field(default_factory=dict, repr=False)

    def by_name(self, name: str) -> Index:
        """Raises IndexError_ `index-unknown`."""
        for index in self.indexes:
            if index.name == name:
                return index
        raise IndexError_(
            "index-unknown",
            f'This notebook takes packages from an index called "{name}", which you have not configured.',
            hint=f'Add it to your uv.toml: [[index]] name = "{name}", url = "…", explicit = true.',
            data={"index": name},
        )

    def uv_arguments(self) -> list[str]:
        words: list[str] = []
        for index in self.indexes:
            if index.explicit:
                continue
            words += ["--default-index" if index.default else "--index", f"{index.name}={index.url}"]
        for place in self.find_links:
            words += ["--find-links", place]
        return [*words, "--no-index"] if self.no_index else words

    def redact(self, text: str) -> str:
        """Tool output without user names and passwords."""
        text = re.sub(r"(?<=://)[^/\s@]+@", "", text)
        for index in self.indexes:
            if index.password:
                text = text.replace(index.password, "****")
        return text


def load(settings: Settings, environ: Mapping[str, str] | None = None) -> Indexes:
    env = os.environ if environ is None else environ
    uv, pip = uv_config(env), pip_config(env)
    found = _indexes(uv, pip)
    passed = {name: env[name] for name in PASSED_ON if env.get(name)}
    passed |= {k: v for k, v in env.items() if re.fullmatch(r"UV_INDEX_\w+_(?:USERNAME|PASSWORD)", k)}
    certificate = pip.certificate or env.get("REQUESTS_CA_BUNDLE") or env.get("CURL_CA_BUNDLE")
    if certificate and "SSL_CERT_FILE" not in passed:
        passed["SSL_CERT_FILE"] = certificate
    if pip.proxy and not any(name.lower().endswith("s_proxy") or name.lower() == "all_proxy" for name in passed):
        passed["ALL_PROXY"] = pip.proxy
    if uv.keyring_provider:
        passed.setdefault("UV_KEYRING_PROVIDER", uv.keyring_provider)
    if uv.system_certificates:
        passed.setdefault("UV_SYSTEM_CERTS", "1")
    trusted = (*uv.insecure_hosts, *pip.trusted_hosts)
    if trusted:
        passed.setdefault("UV_INSECURE_HOST", " ".join(trusted))
    return Indexes(found, (*uv.find_links, *pip.find_links), uv.no_index or pip.no_index, passed | _credentials(found))


def _indexes(uv: UvConfig, pip: PipConfig) -> tuple[Index, ...]:
    """uv's extra indexes come before the default, as uv takes the first that has a name; pip's come after it: pip
    treats them as equals, and a small mirror must not hide the default's newer versions."""
    names: set[str] = set()
    before = [_made(i.url, names, i.name, explicit=i.explicit) for i in uv.indexes if not i.default]
    default = next((i for i in uv.indexes if i.default), None)
    url = default.url if default else pip.index_url or PYPI
    named = _made(url, names, default.name if default else None)
    after = [_made(url, names) for url in pip.extra_index_urls]
    # uv knows one default, always asked last; to have pip's extras after the main index, the last of them takes
    # that place and the main index becomes an ordinary one before them
    if after:
        return (*before, named, *after[:-1], replace(after[-1], default=True))
    return (*before, replace(named, default=True))


def _made(url: str, names: set[str], name: str | None = None, *, explicit: bool = False) -> Index:
    parts = urlsplit(url)
    host = parts.hostname or parts.path.strip("/").replace("/", "-")
    wanted = name or ("pypi" if host in ("pypi.org", "pypi.python.org") else host)
    base = re.sub(r"[^a-z0-9._-]+", "-", wanted.lower()).strip("-._")[:56] or "index"
    unique, n = base, 2
    while unique in names:
        unique, n = f"{base}-{n}", n + 1
    names.add(unique)
    netloc = parts.netloc.rsplit("@", 1)[-1]
    return Index(
        unique,
        urlunsplit((parts.scheme, netloc, parts.path, "", "")),
        explicit=explicit,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def _credentials(indexes: Iterable[Index]) -> dict[str, str]:
    env: dict[str, str] = {}
    for index in indexes:
        key = re.sub(r"[^A-Z0-9]", "_", index.name.upper())
        if index.username:
            env[f"UV_INDEX_{key}_USERNAME"] = index.username
        if index.password:
            env[f"UV_INDEX_{key}_PASSWORD"] = index.password
    return env
