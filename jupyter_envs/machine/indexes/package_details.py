"""What an index says about one version of a package. It is asked only for a user who looks closer. Everything it says
is foreign text, and leaves this module as one harmless line.

pypi-simple could read it, too, but takes hours for a hostile page of 16 MB (unclosed elements, long file names), and
rejects a page because of one odd value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from packaging.utils import parse_sdist_filename, parse_wheel_filename
from packaging.version import Version

from ...errors import IndexError_
from ...text import one_line, plain
from ...wire.packages import Advisory, Opinion
from . import Index, Indexes
from .webpage import Web, run, web_for

LONGEST_SENTENCE = 300
"""Characters of a sentence."""
MOST = 20
"""How many advisories are shown."""
SIMPLE = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
Json = dict[str, Any]


def opinion(indexes: Indexes, name: str, version: str, index: str | None, seconds: float) -> Opinion:
    """`name` is canonical; `seconds` is the limit for the whole look-up. Raises IndexError_."""
    return run(lambda: _look_up(indexes, name, version, index, seconds))


async def _look_up(indexes: Indexes, name: str, version: str, index: str | None, seconds: float) -> Opinion:
    async with web_for(indexes, seconds) as web:
        for asked in [indexes.by_name(index)] if index else [i for i in indexes.indexes if not i.explicit]:
            reachable = not asked.flat and urlsplit(asked.url).scheme in ("http", "https")
            files = await _files(asked, name, web) if reachable else None
            if files is not None:
                return _told(name, version, files, await _advisories(asked, name, version, web))
    raise IndexError_("no-such-package", f"No index has {name}.")


def _told(name: str, version: str, files: list[Json], advisories: list[Advisory] | None) -> Opinion:
    own = [file for file in files if _version_of(file) == Version(version)]
    good = [v for file in files if file.get("yanked") in (False, None) and (v := _version_of(file))]
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


async def _files(index: Index, name: str, web: Web) -> list[Json] | None:
    """None if the index does not have the package."""
    answer = await web.get(f"{index.url}/{name}/", SIMPLE, index)
    if answer is None:
        return None
    kind, body = answer
    if "json" not in kind:
        return list(_links(body.decode("utf-8", "replace")))
    files = _decoded(body).get("files")
    return [file for file in files if isinstance(file, dict)] if isinstance(files, list) else []


async def _advisories(index: Index, name: str, version: str, web: Web) -> list[Advisory] | None:
    """In PyPI's form; None if an index does not give any."""
    root, simple, _ = index.url.rpartition("/simple")
    try:
        place = f"{root}/pypi/{name}/{version}/json"
        answer = await web.get(place, "application/json", index) if simple else None
        told = _decoded(answer[1]).get("vulnerabilities") if answer else None
    except IndexError_:
        return None
    if not isinstance(told, list):
        return None
    known = [entry for entry in told if isinstance(entry, dict) and not entry.get("withdrawn")]
    return [
        Advisory(_short(entry.get("id")), _short(entry.get("summary") or entry.get("details")))
        for entry in known[:MOST]
    ]


def _decoded(body: bytes) -> Json:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise _garbage()
    return value


def _garbage() -> IndexError_:
    return IndexError_("index-garbage", "An index returned a response that is not a package list.")


def _version_of(file: Json) -> Version | None:
    name = str(file.get("filename", ""))
    try:
        return (parse_wheel_filename(name) if name.endswith(".whl") else parse_sdist_filename(name))[1]
    except ValueError:  # packaging's own are ValueErrors too, and Python's is for thousands of digits
        return None


def _links(page: str) -> Iterator[Json]:
    """The files of an index that only speaks HTML. Raises IndexError_."""
    found: list[Json] = []

    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            about = dict(attrs)
            if tag == "a" and about.get("href"):
                with suppress(ValueError):  # `//[` is no address
                    filename = urlsplit(about["href"] or "").path.rpartition("/")[2]
                    yanked = (about["data-yanked"] or True) if "data-yanked" in about else False
                    found.append({"filename": filename, "yanked": yanked})

    try:
        Links().feed(page)
    except (AssertionError, ValueError):  # `<![x[`, and `&#` with thousands of digits: the parser gives up there
        raise _garbage() from None
    return iter(found)


def _short(text: object) -> str:
    return one_line(" ".join(plain(str(text or "")).split()))[:LONGEST_SENTENCE]
