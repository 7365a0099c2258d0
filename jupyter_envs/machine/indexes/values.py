from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import msgspec

from ...errors import IndexError_

NOTHING: Mapping[str, Any] = {}
SHORTEST_SECRET = 4
"""Anything shorter occurs in every text by chance."""


class Index(msgspec.Struct, frozen=True):
    """`url` is without user name and password; an `explicit` index serves only packages that are assigned to it;
    a `flat` one is a page or folder of files."""

    name: str
    url: str
    default: bool = False
    explicit: bool = False
    flat: bool = False
    username: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        """Without user name and password: what is not said cannot end in a log."""
        return f"Index({self.name!r}, {self.url!r})"


class Indexes(msgspec.Struct, frozen=True):
    """In the order in which they are asked; the first index that has a package provides it. `env`: what uv needs to
    know about certificates, proxies and passwords."""

    indexes: tuple[Index, ...]
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    env: Mapping[str, str] = {}

    def __repr__(self) -> str:
        """Without `env`, which has passwords."""
        return f"Indexes({self.indexes!r}, {self.find_links!r}, no_index={self.no_index!r})"

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

    @property
    def asked(self) -> tuple[Index, ...]:
        """Those that are asked about every package."""
        return tuple(index for index in self.indexes if not index.explicit)

    def uv_toml(self, seconds: float | None, more: Mapping[str, Any] = NOTHING) -> str:
        """uv asks its default index last, so the last of ours takes that place, whichever it is. For so many seconds
        what an index said is not asked again, whatever it says itself (None: as it says itself); a published file stays
        what it is. `more`: other keys of the file."""
        import tomli_w  # here: most of what loads this room writes none

        manners: dict[str, Any] = {}
        if seconds is not None:
            files = {"files": "max-age=365000000, immutable"} if seconds else {}
            manners = {"cache-control": {"api": f"max-age={seconds:.0f}", **files}}
        default = self.asked[-1:]
        tables = [
            {"name": index.name, "url": index.url, **({"default": True} if index in default else {}), **manners}
            for index in self.asked
        ]
        return tomli_w.dumps({**more, "index": tables})

    def uv_arguments(self, only: str | None = None) -> list[str]:
        """The arguments that go with `uv_toml`. With `only` (the name of an index), only that index is asked, and no
        uv.toml is needed."""
        if only:
            index = self.by_name(only)
            return (
                ["--no-index", "--find-links", index.url] if index.flat else ["--default-index", f"{only}={index.url}"]
            )
        words: list[str] = []
        if "UV_FIND_LINKS" not in self.env:
            words += [word for place in self.find_links for word in ("--find-links", place)]
        return [*words, "--no-index"] if self.no_index else words

    def redact(self, text: str) -> str:
        """Tool output without user names and passwords."""
        text = re.sub(r"(?<=://)[^/\s@]+@", "", text)
        for secret in {index.password for index in self.indexes} | {v for k, v in self.env.items() if "PASSWORD" in k}:
            for written in {secret, quote(secret or "", safe="")} - {None, ""}:
                if written and len(written) >= SHORTEST_SECRET:
                    text = text.replace(written, "****")
        return text


def plain_url(url: str) -> str:
    """Without user and password, and as two that mean the same are written alike."""
    parts = urlsplit(url.strip())
    host = parts.netloc.rpartition("@")[2].lower()
    return urlunsplit((parts.scheme.lower(), host, parts.path.rstrip("/"), "", ""))
