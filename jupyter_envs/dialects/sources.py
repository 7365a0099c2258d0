"""Packages from an address or from this machine, as people type them: with or without a name, with extras, a condition
and `#egg=`. What is typed is recorded, or refused."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec.structs import replace
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from ..errors import InputError
from ..kernel.foreign import visible
from ..kernel.typed_paths import is_path as is_path
from ..model.lock import Vcs
from ..model.requirement import Requirement, Source, checked_requirement, split_address
from ..system.files import is_there
from ..text import is_text
from . import project_names

ADDRESS = re.compile(r"(?:\w+\+)?\w+://")
MARKER = {True: re.compile(r"\s;|;\s"), False: re.compile(";")}
"""Where the condition begins. An address may contain a semicolon."""
EXTRAS = re.compile(r"[A-Za-z0-9._,\s-]*")
MEANT = ("egg", "subdirectory", "sha256")
"""What may stand behind the `#` of an address."""


def is_address(word: str) -> bool:
    """Whether a word names something on the network, with or without the package's name: nothing of this machine."""
    found = split_address(word) if "://" in word else None
    address = found[1] if found and found[1] else word
    return ADDRESS.match(address) is not None and not address.startswith("file:")


def source_of(word: str, base: Path, *, editable: bool = False) -> Requirement | None:
    """None for a name without a source. `base`: where relative paths start; `editable`: the word is known to name a
    folder or a repository. Raises InputError; ValueError for an address that cannot be read."""
    found = split_address(word) if "@" in word else None
    if found and (ADDRESS.match(found[1]) or found[1].startswith("file:") or is_path(found[1])):
        item = checked_requirement(found[0].text, "requirement")
        return _placed(item.name, item, found[1], base, editable)
    local = not ADDRESS.match(word)
    if local and not (editable or word.startswith("file:") or is_path(word)):
        return None
    address, extras, marker = parted(word, base, local=local and not word.startswith("file:"))
    end = f"[{extras}]" if extras else ""
    item = checked_requirement(f"package{end}{f' ; {marker}' if marker else ''}", "requirement")
    return _placed("", item, address, base, editable)


def checkouts(editable: Iterable[Requirement]) -> list[str]:
    """What has to be said about repositories among what was typed behind `-e`."""
    found = [(item, item.source.vcs) for item in editable if item.source and item.source.vcs]
    return [
        f"{vcs.url if item.source and item.source.guessed else item.name} is installed from its repository, not as an "
        "editable checkout."
        for item, vcs in found
    ]


def parted(word: str, base: Path, *, local: bool) -> tuple[str, str, str]:
    """Path or address, extras, and condition. A file may really be called `x[y]`."""
    if local and is_there(base / Path(word).expanduser()):
        return word, "", ""
    place, *marker = (part.strip() for part in MARKER[not local].split(word, maxsplit=1))
    before, bracket, extras = place[:-1].rpartition("[") if place.endswith("]") else (place, "", "")
    before = before.rstrip()
    if bracket and before and before[-1] not in "[]" and EXTRAS.fullmatch(extras):
        place = before
    else:
        extras = ""
    return place, extras, marker[0] if marker else ""


def _placed(name: str, item: Requirement, address: str, base: Path, editable: bool) -> Requirement:
    """The requirement with its source. `name`: as it was typed, or ""."""
    remote = ADDRESS.match(address) and not address.startswith("file:")
    place, _, fragment = address.partition("#") if remote or address.startswith("file:") else (address, "", "")
    if remote and (re.search(r"[$` ]", address) or not address.isascii() or not address.isprintable()):
        raise InputError("req-metachar", "The address contains characters that are not allowed.")
    parts = _fragment(fragment)
    if egg := parts.get("egg"):
        named = checked_requirement(egg, "egg")
        if named.specifier or named.marker or name not in ("", named.name):
            raise InputError("req-syntax", f"`egg={egg}` in the address is no name, or not the one before the address.")
        name, item = named.name, replace(item, extras=tuple(sorted({*item.extras, *named.extras})))
    if remote:
        source = Source(_vcs(place, parts))
        said, guess = name or _wheel_name(place), _guess_of(source)
    else:
        path = _local(place, parts, base, editable=editable)
        source = Source(path=path, editable=editable)
        said, guess = local_name(path) or "", project_names.guess(path.name)
    known = name or said
    return replace(item, name=str(canonicalize_name(known or guess)), source=replace(source, guessed=not known))


def _fragment(text: str) -> dict[str, str]:
    """Raises InputError for what would be dropped."""
    parts = dict(part.partition("=")[::2] for part in text.split("&") if part)
    for key, value in parts.items():
        if key not in MEANT or not value:
            raise InputError(
                "req-syntax", f"`#{key}={value}` in the address has no meaning here: {', '.join(MEANT)} have.",
                hint="Leave it out.",
            )  # fmt: skip
    return {key: unquote(value) for key, value in parts.items()}


def _guess_of(source: Source) -> str:
    """A hoster's archive is called after its branch or tag, and stands below the name of its repository."""
    assert source.vcs
    path = unquote(urlsplit(source.vcs.url).path).rstrip("/")
    found = re.search(r"/([^/]+)/(?:-/)?archive/", path)
    return project_names.guess(found[1] if found else path.rpartition("/")[2])


def _wheel_name(place: str) -> str:
    filename = unquote(urlsplit(place).path.rpartition("/")[2])
    return _of_wheel(filename) if filename.lower().endswith(".whl") else ""


def _of_wheel(filename: str) -> str:
    try:
        return str(parse_wheel_filename(filename)[0])
    except InvalidWheelFilename:
        raise InputError(
            "req-syntax", f"{filename!r} is not a valid file name of a wheel, so nothing can install it.",
            hint="Give it the name that it had: NAME-VERSION-PYTHON-ABI-PLATFORM.whl",
        ) from None  # fmt: skip


def _vcs(place: str, parts: dict[str, str]) -> Vcs:
    _check_place(place.removeprefix("git+"))
    if not urlsplit(place).path.strip("/"):
        raise ValueError("the address names a host, and nothing there")
    folder = parts.get("subdirectory")
    if not place.startswith("git+"):
        if folder:
            raise InputError(
                "req-address", f"A notebook cannot record that a package is in the folder {folder!r} of an archive.",
                hint="Install it from its repository: git+https://…#subdirectory=FOLDER",
            )  # fmt: skip
        return Vcs(type="archive", url=place, sha256=_sha256(parts.get("sha256")))
    if "sha256" in parts:
        raise ValueError("a repository has no sha256; name a commit: @COMMIT")
    place = place[4:]
    revision: str | None = None
    found = re.fullmatch(r"(\w+://(?:git@)?[^/@]+/[^@]+)@(.+)", place)
    if found:
        place, revision = found[1], found[2]
    return Vcs(type="git", url=place, requested_revision=revision, subdirectory=folder)


def _sha256(text: str | None) -> str | None:
    if text is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise ValueError("the value of sha256= is not a sha256")
    return text.lower() if text else None


def _check_place(url: str) -> None:
    """Only what may be in a notebook: an address that everybody can use, and that does not contain anybody's
    secrets."""
    parts = urlsplit(url)
    if parts.port == 0:  # others that are none raise ValueError
        raise ValueError("the port is 0")
    if parts.scheme not in ("https", "ssh"):
        raise InputError(
            "req-address",
            f"A notebook records only https and ssh addresses. The scheme of this one is "
            f"{parts.scheme or 'none'}.",
            hint="Install from the https address, or from a folder on this machine.",
        )  # fmt: skip
    if parts.password or (parts.username and (parts.scheme, parts.username) != ("ssh", "git")) or parts.query:
        raise InputError(
            "req-credentials",
            "The address contains a user name, a password or a token, which a notebook must not contain.",
            hint="Put them into ~/.netrc or git's credentials, and leave them out here.",
        )  # fmt: skip


def _local(place: str, parts: dict[str, str], base: Path, *, editable: bool) -> Path:
    """Absolute. Raises InputError."""
    path = _existing(path_in(place) if place.startswith("file:") else place, base)
    if folder := parts.get("subdirectory"):
        if not path.is_dir():
            raise InputError("no-project", f"{path.name!r} is not a folder, and `subdirectory` needs one.")
        path = _existing(folder, path)
    if editable and not path.is_dir():
        raise InputError("no-such-path", f"{place!r} is not a folder, and -e needs one.")
    if editable and "sha256" in parts:
        raise InputError(
            "requirements-hash", f"{path.name} comes from a folder, and only files have hashes.",
            hint="Remove the hash, or name an archive or a wheel.",
        )  # fmt: skip
    return path


def path_in(address: str) -> str:
    """`file:///C:/x` names `C:/x`, `file:x` a relative path."""
    try:
        parts = urlsplit(address)
    except ValueError:
        raise InputError("req-syntax", f"{address!r} is no address.") from None
    if parts.netloc not in ("", "localhost"):
        raise InputError("no-such-path", f"{address!r} names a file of another computer.")
    path = unquote(parts.path)
    return path[1:] if os.name == "nt" and re.match(r"/[A-Za-z]:", path) else path


def _existing(word: str, base: Path) -> Path:
    """Absolute. Raises InputError where nothing is there, or its name is not text."""
    path = (base / Path(word).expanduser()).resolve()
    if not is_there(path):
        raise InputError(
            "no-such-path",
            f"There is no file or folder {word[:200]!r}.",
            hint="Check the path; a package name does not contain a slash.",
        )
    if not is_text(str(path)):
        raise InputError(
            "path-encoding",
            f"The name {visible(str(path))} is not text: it contains bytes that are not UTF-8.",
            hint="Rename the folder or file, or copy it to another folder, and install it from there.",
        )
    return path


def local_name(path: Path) -> str | None:
    """As its wheel or project says it. None where only code knows it."""
    if path.suffix.lower() == ".whl":
        return _of_wheel(path.name)
    if path.is_file():
        return project_names.name_in_archive(path)
    try:
        return project_names.name_in_folder(path)
    except FileNotFoundError:
        raise InputError(
            "no-project",
            f"{path.name!r} is not a Python project.",
            hint="Name a folder that has a pyproject.toml or a setup.py.",
        ) from None
