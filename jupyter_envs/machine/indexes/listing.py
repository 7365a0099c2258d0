"""The page that an index has of one package: its files, as PEP 503 and PEP 691 describe them. Everything in it is
foreign text.

pypi-simple could read it, too, but takes hours for a hostile page of 16 MB (unclosed elements, long file names), and
rejects a page because of one odd value."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.utils import parse_sdist_filename, parse_wheel_filename
from packaging.version import Version

from ...errors import IndexError_
from . import Index
from .webpage import LARGEST_PAGE, Web

SIMPLE = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
Json = dict[str, Any]
LONGEST = 255
"""Characters of a file name, which no disk has more of."""
MOST_TAGS = 2000
"""Kinds of machines that one file may say it is for: reading a name takes as long as there are."""


async def files_of(index: Index, name: str, web: Web) -> list[Json] | None:
    """None if the index does not have the package."""
    answer = await web.get(f"{index.url}/{name}/", SIMPLE, index)
    if answer is None:
        return None
    kind, body = answer
    if "json" not in kind:
        return list(_links(body.decode("utf-8", "replace")))
    files = decoded(body).get("files")
    return [file for file in files if isinstance(file, dict) and _readable(file)] if isinstance(files, list) else []


def files_on_disk(index: Index, name: str) -> list[Json] | None:
    """Of an index that is a folder on this machine, with a page for each package. None without that package."""
    page = Path(unquote(urlsplit(index.url).path)) / name / "index.html"
    try:
        if page.stat().st_size > LARGEST_PAGE:
            raise _garbage()
        return list(_links(page.read_text(encoding="utf-8", errors="replace")))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise IndexError_("index-unavailable", f"The index {index.name} cannot be read.", details=str(error)) from None


def decoded(body: bytes) -> Json:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise _garbage()
    return value


def _garbage() -> IndexError_:
    return IndexError_("index-garbage", "An index returned a response that is not a package list.")


def version_of(file: Json) -> Version | None:
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
                    filename = unquote(urlsplit(about["href"] or "").path.rpartition("/")[2])
                    yanked = (about["data-yanked"] or True) if "data-yanked" in about else False
                    python = about.get("data-requires-python")
                    found.append(
                        {"filename": filename, "yanked": yanked, "requires-python": python, "url": about["href"]}
                    )

    try:
        Links().feed(page)
    except (AssertionError, ValueError):  # `<![x[`, and `&#` with thousands of digits: the parser gives up there
        raise _garbage() from None
    return filter(_readable, found)


def _readable(file: Json) -> bool:
    """Whether reading its name takes no longer than a name is worth."""
    name = str(file.get("filename", ""))
    return len(name) <= LONGEST and math.prod(part.count(".") + 1 for part in name.rsplit("-", 3)[1:]) <= MOST_TAGS
