"""What a user types after `install`: names as in pip, and sources (git, archives, folders)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.utils import parse_wheel_filename

from ..errors import InputError
from ..kernel.foreign import visible
from ..model.lock import Vcs
from ..model.requirement import Requirement, Source, checked_requirement, split_address
from ..system.folders import current_folder
from ..text import is_text

ARCHIVES = (".whl", ".tar.gz", ".zip")
ADDRESS = re.compile(r"(git\+)?\w+://")


def parse(words: Sequence[str], *, editable: Sequence[str] = (), base: Path | None = None) -> tuple[Requirement, ...]:
    """Raises InputError for what is not a requirement. `base` is the folder that relative paths start from."""
    folder = base or current_folder()
    typed = [_understood(word.strip(), lambda text: _parse_word(text, folder)) for word in words]
    local = [_understood(word.strip(), lambda text: _editable(text, folder)) for word in editable]
    return (*typed, *local)


def _understood(word: str, parse: Callable[[str], Requirement]) -> Requirement:
    try:
        return parse(word)
    except (ValueError, IndexError, RuntimeError) as error:
        raise InputError(
            "req-syntax", f"{word[:200]!r} is not a package name, an address or a path.",
            hint="Write a name, `name @ https://…/x.whl`, `name @ git+https://…` or a path.", details=str(error),
        ) from None  # fmt: skip


def _parse_word(word: str, base: Path) -> Requirement:
    named = _named_source(word)
    if named:
        return named
    if word.startswith("file://"):
        return _local(unquote(urlsplit(word).path), base, editable=False)
    if ADDRESS.match(word):
        return _unnamed_source(word)
    if is_path(word):
        return _local(word, base, editable=False)
    return checked_requirement(word, "requirement")


def is_path(word: str) -> bool:
    """Whether a word names a file or folder of this machine by its path. kernel/orders.py has the same rule, for the
    words that it passes on."""
    if word.startswith((".", "/", "~")) or Path(word).is_absolute():
        return True
    if not word or word.startswith("-") or "://" in word or " " in word or ";" in word:
        return False
    return "/" in word or os.sep in word or word.lower().endswith(ARCHIVES)


def is_address(word: str) -> bool:
    """Whether a word names something on the network, with or without the package's name: nothing of this machine."""
    found = split_address(word) if "://" in word else None
    address = found[1] if found and found[1] else word
    return ADDRESS.match(address) is not None and not address.startswith("file:")


def _named_source(word: str) -> Requirement | None:
    """`name @ git+https://…@rev` or `name @ https://…/x.whl`."""
    item, address = (split_address(word) if "@" in word and "://" in word else None) or (None, "")
    if item is None or not address:
        return None
    item = checked_requirement(item.text, "requirement")
    if address.startswith("file:"):
        path = _existing(unquote(urlsplit(address).path), current_folder())
        return replace(item, source=Source(path=path))
    return replace(item, source=Source(_vcs(address)))


def _unnamed_source(word: str) -> Requirement:
    vcs = _vcs(word)
    path = urlsplit(vcs.url).path
    egg = re.search(r"[#&]egg=([A-Za-z0-9._-]+)", word)
    if egg:
        name = egg[1]
    elif path.endswith(".whl"):
        name = str(parse_wheel_filename(unquote(path.rsplit("/", 1)[1]))[0])
    elif vcs.type == "git":
        name = path.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")
    else:
        name = re.sub(r"-\d.*$", "", unquote(path.rsplit("/", 1)[1]))
    return replace(checked_requirement(name, "requirement"), source=Source(vcs))


def _vcs(url: str) -> Vcs:
    if re.search(r"[$` ]", url) or not url.isascii() or not url.isprintable():
        raise InputError("req-metachar", "The address contains characters that are not allowed.")
    place, _, fragment = url.partition("#")
    _check_place(place.removeprefix("git+"))
    parts = dict(part.split("=", 1) for part in fragment.split("&") if "=" in part)
    if not place.startswith("git+"):
        return Vcs(type="archive", url=place, sha256=_sha256(parts.get("sha256")))
    place = place[4:]
    revision: str | None = None
    found = re.fullmatch(r"(\w+://(?:git@)?[^/@]+/[^@]+)@(.+)", place)
    if found:
        place, revision = found[1], found[2]
    return Vcs(type="git", url=place, requested_revision=revision, subdirectory=parts.get("subdirectory"))


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


def _editable(word: str, base: Path) -> Requirement:
    path = unquote(urlsplit(word).path) if word.startswith("file://") else word
    return _local(path, base, editable=True)


def _local(word: str, base: Path, *, editable: bool) -> Requirement:
    path = _existing(word, base)
    if editable and not path.is_dir():
        raise InputError("no-such-path", f"{word!r} is not a folder, and -e needs one.")
    return replace(checked_requirement(local_name(path), "requirement"), source=Source(path=path, editable=editable))


def _existing(word: str, base: Path) -> Path:
    """Absolute. Raises InputError where nothing is there, or its name is not text."""
    path = (base / Path(word).expanduser()).resolve()
    if not path.exists():
        raise InputError(
            "no-such-path",
            f"There is no file or folder {word!r}.",
            hint="Check the path; a package name does not contain a slash.",
        )
    if not is_text(str(path)):
        raise InputError(
            "path-encoding",
            f"The name {visible(str(path))} is not text: it contains bytes that are not UTF-8.",
            hint="Rename the folder or file, or copy it to another folder, and install it from there.",
        )
    return path


def local_name(path: Path) -> str:
    """The package's name as its wheel, pyproject.toml, setup.cfg or setup.py says it, without running anything."""
    if path.suffix.lower() == ".whl":
        return str(parse_wheel_filename(path.name)[0])
    if path.is_file():
        return re.sub(r"-\d.*$", "", path.name)
    for file, pattern in (
        ("pyproject.toml", r"""(?ms)^\[(?:project|tool\.poetry)\]\s*$.*?^name\s*=\s*["']([\w.-]+)["']"""),
        ("setup.cfg", r"(?m)^name\s*=\s*([\w.-]+)\s*$"),
        ("setup.py", r"""\bname\s*=\s*["']([\w.-]+)["']"""),
    ):
        text = (path / file).read_text(errors="replace") if (path / file).is_file() else ""
        match = re.search(pattern, text)
        if match:
            return match[1]
    if any((path / file).is_file() for file in ("pyproject.toml", "setup.py")):
        return path.name
    raise InputError(
        "no-project",
        f"{path.name!r} is not a Python project.",
        hint="Name a folder that has a pyproject.toml or a setup.py.",
    )
