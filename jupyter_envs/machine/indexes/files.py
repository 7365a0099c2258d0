"""Reads what people wrote into configuration files."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ...errors import IndexError_
from ...system.folders import user_folder
from ...text import is_text


def text_of(path: Path) -> str | None:
    """None if the file does not exist. Raises IndexError_ `configuration-damaged` or `index-relative`."""
    if not path.is_absolute():
        raise relative(str(path), "The environment")
    try:
        return path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise damaged(path, error) from None


def resolve_place(place: str, env: Mapping[str, str], where: str, folder: Path | None = None) -> str:
    """A URL, or an absolute path. A relative path starts from `folder`. Without a folder it is refused, because its
    meaning would depend on where we are started: in the folder of a notebook, for example."""
    if not is_text(place) or "\0" in unquote(place):
        raise IndexError_(
            "configuration-damaged",
            f"{where} contains an address with characters that are not allowed.",
            hint="Write the address in UTF-8, without control characters.",
        )
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", place):
        return _checked_address(place, where)
    if place == "~" or place.startswith(("~/", "~\\")):
        return str(user_folder(env) / place[2:])
    if Path(place).is_absolute():
        return place
    if folder is None:
        raise relative(place, where)
    return os.path.normpath(folder / place)


def _checked_address(place: str, where: str) -> str:
    try:
        urlsplit(place)
    except ValueError:  # its text may contain a password
        raise IndexError_(
            "configuration-damaged",
            f"{where} contains an address that is not valid.",
            hint="Write it like https://example.org/simple.",
        ) from None
    return place


def true(value: str | None) -> bool:
    return (value or "").strip().lower() in ("1", "true", "yes", "on", "t", "y")


def relative(place: str, where: str) -> IndexError_:
    return IndexError_(
        "index-relative", f"{where} names a relative path, {place}.", hint="Write it as an absolute path or a URL."
    )


def damaged(path: Path, error: Exception) -> IndexError_:
    return IndexError_(
        "configuration-damaged", f"{path} cannot be read.", hint="Fix it, then try again.", details=str(error)
    )
