"""What an index says about one version of a package. It is asked only for a user who looks closer. Everything it says
is foreign text, and leaves this module as one harmless line."""

from __future__ import annotations

from urllib.parse import urlsplit

from packaging.version import Version

from ...errors import IndexError_
from ...text import one_line, plain
from ...wire.packages import Advisory, Opinion
from . import Index, Indexes
from .listing import Json, decoded, files_of, version_of
from .webpage import Web, run, web_for

LONGEST_SENTENCE = 300
"""Characters of a sentence."""
MOST = 20
"""How many advisories are shown."""


def opinion(indexes: Indexes, name: str, version: str, index: str | None, seconds: float) -> Opinion:
    """`name` is canonical; `seconds` is the limit for the whole look-up. Raises IndexError_."""
    return run(lambda: _look_up(indexes, name, version, index, seconds))


async def _look_up(indexes: Indexes, name: str, version: str, index: str | None, seconds: float) -> Opinion:
    async with web_for(indexes, seconds) as web:
        for asked in [indexes.by_name(index)] if index else [i for i in indexes.indexes if not i.explicit]:
            reachable = not asked.flat and urlsplit(asked.url).scheme in ("http", "https")
            files = await files_of(asked, name, web) if reachable else None
            if files is not None:
                return _told(name, version, files, await _advisories(asked, name, version, web))
    raise IndexError_("no-such-package", f"No index has {name}.")


def _told(name: str, version: str, files: list[Json], advisories: list[Advisory] | None) -> Opinion:
    own = [file for file in files if version_of(file) == Version(version)]
    good = [v for file in files if file.get("yanked") in (False, None) and (v := version_of(file))]
    final = [v for v in good if not v.is_prerelease] or good
    reasons = [file["yanked"] for file in own if file.get("yanked") not in (False, None)]
    withdrawn = bool(own) and len(reasons) == len(own)
    return Opinion(
        name=name,
        version=version,
        newest=str(max(final)) if final else None,
        yanked=next((_short(r) for r in reasons if isinstance(r, str)), "") if withdrawn else None,
        uploaded=min((_short(t) for file in own if isinstance(t := file.get("upload-time"), str)), default=None),
        advisories=advisories,
        problem="" if own else "Its index does not have this version any more.",
    )


async def _advisories(index: Index, name: str, version: str, web: Web) -> list[Advisory] | None:
    """In PyPI's form; None if an index does not give any."""
    root, simple, _ = index.url.rpartition("/simple")
    try:
        place = f"{root}/pypi/{name}/{version}/json"
        answer = await web.get(place, "application/json", index) if simple else None
        told = decoded(answer[1]).get("vulnerabilities") if answer else None
    except IndexError_:
        return None
    if not isinstance(told, list):
        return None
    known = [entry for entry in told if isinstance(entry, dict) and not entry.get("withdrawn")]
    return [
        Advisory(_short(entry.get("id")), _short(entry.get("summary") or entry.get("details")))
        for entry in known[:MOST]
    ]


def _short(text: object) -> str:
    return one_line(" ".join(plain(str(text or "")).split()))[:LONGEST_SENTENCE]
