"""The options that pip knows in requirements files, each decided once, and what they refuse with file and line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn, TypeVar

from ..errors import InputError
from ..kernel.pip_options import ACCEPTED, Table
from ..kernel.pip_table import SELECTION
from .given_hashes import hashes_of
from .sources import path_in

T = TypeVar("T")
NESTED = {"--requirement": False, "--requirements": False, "--constraint": True, "--constraints": True}
"""Whether the included file only constrains versions."""
PLACES = ("--index-url", "--pypi-url", "--extra-index-url", "--find-links", "--no-index")
HARMLESS = {"--trusted-host", "--use-feature", "--no-require-hashes"}
"""They change nothing here: no file makes an address trusted, and a hash that is given is checked."""
CHOICE = Table(SELECTION, abbreviated=False)
"""Which kinds of files may be taken: what pip's options for that do on a command line, they do in a file."""
HINTS = {
    "--no-binary": "Remove it from the file. `--allow-build NAME` on the command line lets a package be built.",
    "--editable": "Remove it from the file: an editable folder has no version to constrain.",
}
NO_WAY = "Remove it from the file. Notebooks have no such option."
VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")


def file_of(word: str, base: Path) -> Path:
    """The file that somebody names behind `-r`. Raises InputError for an address."""
    if word.startswith("file:"):
        word = path_in(word)
    if "://" in word:
        raise InputError(
            "requirements-file", f"{word} is an address, and requirements are read from files only.",
            hint="Download it, look at it, and name the file.",
        )  # fmt: skip
    return base / word


def in_file(where: str, parse: Callable[[], T]) -> T:
    """The result of `parse`; its errors say file and line."""
    try:
        return parse()
    except InputError as error:
        raise InputError(
            error.code, f"{where}: {error.sentence}", hint=error.hint, details=error.details, data=error.data
        ) from None
    except ValueError as error:
        raise InputError("requirements-file", f"{where}: this line cannot be read: {error}.") from None


def only_hashes(options: Iterable[tuple[str, str]], where: str) -> frozenset[str]:
    """The sha256 hashes after a requirement. Raises InputError for other options, too."""
    found = list(options)
    for option, _ in found:
        if option != "--hash":
            refuse_option(option, where)
    return hashes_of([value for _, value in found], where)


def choice_of(option: str, value: str, where: str) -> str:
    """What an option of CHOICE means on our command line; "" if it changes nothing. Raises InputError for what no file
    may allow."""
    row = CHOICE.row(option, value)
    if row.kind == ACCEPTED:
        return ""
    if row.does not in ("--pre", "--prefer-binary"):
        refuse_option(option, where)
    return row.does


def refuse_option(option: str, where: str) -> NoReturn:
    raise InputError(
        "requirements-option", f"{where}: the option {option[:60]} is not accepted from a file.",
        hint=HINTS.get(option, NO_WAY),
    )  # fmt: skip


def refuse_variables(text: str, where: str) -> None:
    found = VARIABLE.search(text)
    if found:
        raise InputError(
            "req-metachar", f"{where}: {found[0]} is a variable, and variables are not expanded.",
            hint="Write its value instead; a password belongs in ~/.netrc or your uv.toml.",
        )  # fmt: skip
