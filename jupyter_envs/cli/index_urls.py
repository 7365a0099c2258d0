"""`--index-url`: a notebook may name indexes, but their addresses come from the user's configuration alone."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

from ..errors import UsageError
from ..machine.indexes import Index, Indexes


def named_index(url: str, indexes: Indexes) -> Index:
    """The configured index with that address. Raises UsageError `index-not-configured`; never shows a password."""
    wanted = _plain(url)
    found = next((index for index in indexes.indexes if _plain(index.url) == wanted), None)
    if found is None:
        raise UsageError(
            "index-not-configured",
            f"{wanted} is not among the indexes of your configuration.",
            hint="Add it to your uv.toml or pip.conf; then the notebook can name it, and others use their "
            "own copy of it.",
            data={"indexes": [index.name for index in indexes.indexes]},
        )
    return found


def assigned(before: dict[str, tuple[str, ...]], index: Index, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The block's `indexes` with those packages taken from that index, and from no other."""
    taken = set(names)
    result = {name: left for name, packages in before.items() if (left := tuple(p for p in packages if p not in taken))}
    if not index.default:
        result[index.name] = tuple(sorted({*result.get(index.name, ()), *taken}))
    return result


def _plain(url: str) -> str:
    parts = urlsplit(url.strip())
    host = parts.netloc.rpartition("@")[2].lower()
    return urlunsplit((parts.scheme.lower(), host, parts.path.rstrip("/"), "", ""))
