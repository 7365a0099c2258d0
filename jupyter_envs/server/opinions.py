"""What an index says of one version of a package: for somebody who looks closer, and only then.

Anything it says is foreign text, and leaves here as one harmless line."""

from __future__ import annotations

import base64
import json
import netrc
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from ..errors import IndexError_
from ..indexes import Index, Indexes
from ..plain import one_line, plain

PATIENCE = 10.0
"""Seconds for each answer."""
LARGEST = 64 << 20
"""Bytes of an answer."""
LONGEST = 300
"""Characters of a sentence."""
MOST = 20
"""Advisories that are told."""
SIMPLE = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
Json = dict[str, Any]


def opinion(indexes: Indexes, name: str, version: str, index: str | None = None) -> Json:
    """`Opinion` of rest-api.yml. `name` is canonical. Raises IndexError_."""
    for asked in [indexes.by_name(index)] if index else [i for i in indexes.indexes if not i.explicit]:
        files = None if asked.flat or urlsplit(asked.url).scheme not in ("http", "https") else _files(asked, indexes, name)
        if files is not None:
            return _told(name, version, files) | {"advisories": _advisories(asked, indexes, name, version)}
    raise IndexError_("no-such-package", f"No index says anything of {name}.")


def _told(name: str, version: str, files: list[Json]) -> Json:
    own = [file for file in files if _version_of(file) == Version(version)]
    good = [v for file in files if file.get("yanked") in (False, None) and (v := _version_of(file))]
    final = [v for v in good if not v.is_prerelease] or good
    reasons = [file["yanked"] for file in own if file.get("yanked") not in (False, None)]
    withdrawn = bool(own) and len(reasons) == len(own)
    return {
        "name": name,
        "version": version,
        "newest": str(max(final)) if final else None,
        "yanked": next((_short(r) for r in reasons if isinstance(r, str)), "") if withdrawn else None,
        "uploaded": min((_short(t) for file in own if isinstance(t := file.get("upload-time"), str)), default=None),
        "problem": "" if own else "Its index does not have this version any more.",
    }


def _files(index: Index, indexes: Indexes, name: str) -> list[Json] | None:
    """None where the index has no such package."""
    answer = _get(f"{index.url}/{name}/", SIMPLE, index, indexes)
    if answer is None:
        return None
    kind, body = answer
    if "json" not in kind:
        return list(_links(body.decode("utf-8", "replace")))
    files = _decoded(body).get("files")
    return [file for file in files if isinstance(file, dict)] if isinstance(files, list) else []


def _advisories(index: Index, indexes: Indexes, name: str, version: str) -> list[Json] | None:
    """As PyPI tells them; None where an index does not."""
    root, simple, _ = index.url.rpartition("/simple")
    try:
        answer = _get(f"{root}/pypi/{name}/{version}/json", "application/json", index, indexes) if simple else None
        told = _decoded(answer[1]).get("vulnerabilities") if answer else None
    except IndexError_:
        return None
    if not isinstance(told, list):
        return None
    known = [entry for entry in told if isinstance(entry, dict) and not entry.get("withdrawn")]
    return [
        {"id": _short(entry.get("id")), "summary": _short(entry.get("summary") or entry.get("details"))} for entry in known[:MOST]
    ]


def _get(url: str, accept: str, index: Index, indexes: Indexes) -> tuple[str, bytes] | None:
    """(content type, body); None for 404. Raises IndexError_."""
    request = urllib.request.Request(url, headers={"Accept": accept, "User-Agent": "jupyter-envs"})
    credentials = _credentials(index, indexes)
    if credentials:  # not for whoever the index sends us to
        word = base64.b64encode(":".join(credentials).encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {word}")
    try:
        with _opener(indexes).open(request, timeout=PATIENCE) as answer:
            return answer.headers.get("Content-Type", ""), answer.read(LARGEST)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise IndexError_("index-refused", f"The index {index.name} answers {error.code}.") from None
    except (OSError, ValueError) as error:
        raise IndexError_(
            "index-unavailable", f"The index {index.name} cannot be reached.", details=indexes.redact(str(error))
        ) from None


def _opener(indexes: Indexes) -> urllib.request.OpenerDirector:
    env = {name.lower(): value for name, value in indexes.env.items()}
    every = env.get("all_proxy")
    proxies = {scheme: env.get(f"{scheme}_proxy") or every for scheme in ("http", "https")}
    trust = ssl.create_default_context(cafile=env.get("ssl_cert_file"), capath=env.get("ssl_cert_dir"))
    given = {scheme: proxy for scheme, proxy in proxies.items() if proxy}
    return urllib.request.build_opener(urllib.request.ProxyHandler(given), urllib.request.HTTPSHandler(context=trust), _NoFiles())


class _NoFiles(urllib.request.BaseHandler):
    """An index may send us elsewhere, but not to what lies on this machine."""

    def file_open(self, request: urllib.request.Request) -> None:
        raise urllib.error.URLError("not a web address")

    ftp_open = data_open = file_open


def _credentials(index: Index, indexes: Indexes) -> tuple[str, str] | None:
    if index.username or index.password:
        return index.username or "", index.password or ""
    try:
        known = netrc.netrc(indexes.env.get("NETRC") or str(Path.home() / ".netrc"))
    except (OSError, netrc.NetrcParseError):
        return None
    found = known.authenticators(urlsplit(index.url).hostname or "")
    return (found[0], found[2] or "") if found else None


def _decoded(body: bytes) -> Json:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise IndexError_("index-garbage", "An index answers with something that is no package list.")
    return value


def _version_of(file: Json) -> Version | None:
    name = str(file.get("filename", ""))
    try:
        return (parse_wheel_filename(name) if name.endswith(".whl") else parse_sdist_filename(name))[1]
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None


def _links(page: str) -> Iterator[Json]:
    """The files of an index that speaks HTML only."""
    found: list[Json] = []

    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            about = dict(attrs)
            if tag == "a" and about.get("href"):
                filename = urlsplit(about["href"] or "").path.rpartition("/")[2]
                yanked = (about["data-yanked"] or True) if "data-yanked" in about else False
                found.append({"filename": filename, "yanked": yanked})

    Links().feed(page)
    return iter(found)


def _short(text: object) -> str:
    return one_line(" ".join(plain(str(text or "")).split()))[:LONGEST]
