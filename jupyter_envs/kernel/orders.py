"""One order of ours, from what people type (`%env-install`, pip, uv, conda). pip_words.py reads the words."""

from __future__ import annotations

import os
import re
from typing import Sequence

from .refused import Refused as Refused
from .typed_paths import PATHS
from .typed_paths import brings_files as brings_files
from .typed_paths import is_path as is_path

LOOKING = ("list", "freeze", "show", "check", "index", "hash", "version", "help", "pip", "uv")
NETWORK = ("--proxy=", "--cert=", "--client-cert=")
"""Options that say through whom the indexes are reached."""


class Order:
    """`verb` of our command line with its arguments, or one of LOOKING, which needs no process and has arguments of its
    own: `format=json`.

    `asked`: canonical names of the packages that were named; `verbose`: with the details of errors."""

    def __init__(
        self,
        verb: str,
        arguments: Sequence[str] = (),
        names: Sequence[str] = (),
        quiet: bool = False,
        verbose: bool = False,
    ) -> None:
        self.verb = verb
        self.arguments = list(arguments)
        self.names = list(names)
        self.quiet = quiet
        self.verbose = verbose

    def without_consent(self) -> Order:
        """For a process in which only an answer may count as consent."""
        arguments = [word for word in self.arguments if not word.startswith(("--allow-", *NETWORK))]
        return Order(self.verb, arguments, self.names, self.quiet, self.verbose)

    @property
    def does(self) -> str:
        """`verb`, or `plan` for one that only says what it would do."""
        return "plan" if "--dry-run" in self.arguments else self.verb

    @property
    def options(self) -> list[str]:
        """The arguments before the names."""
        return self.arguments[: len(self.arguments) - len(self.names)]

    @property
    def asks_indexes(self) -> bool:
        """Whether it only looks, and has to ask the indexes for it, which our command line does."""
        return self.verb == "index" or (self.verb == "list" and not {"outdated", "uptodate"}.isdisjoint(self.arguments))

    @property
    def asked(self) -> list[str]:
        return [name for name in map(name_of, self.names) if name]


def name_of(requirement: str) -> str:
    """The canonical name at the start of a requirement; "" for a path or URL."""
    direct = re.match(r"\s*([A-Za-z0-9][\w.-]*)\s*(\[[^\]]*\])?\s*@", requirement)
    if is_path(requirement) or ("://" in requirement and not direct):
        return ""
    match = re.match(r"\s*([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)", requirement)
    return re.sub(r"[-_.]+", "-", match.group(1)).lower() if match else ""


def resolve_path(word: str, folder: str) -> str:
    """The path of a file or folder on this machine, seen from `folder`, where it was typed; everything else
    unchanged."""
    option, equals, value = word.partition("=")
    if option in PATHS:
        return option + equals + os.path.join(folder, os.path.expanduser(value)) if "://" not in value else word
    named = re.match(r"([A-Za-z0-9][\w.\[\], -]*@\s*)(.*)", word)
    if named and not is_path(word) and " " not in folder:  # `name @ ./path`, in which no space can be
        return named.group(1) + resolve_path(named.group(2), folder)
    return os.path.join(folder, word) if is_path(word) and not word.startswith("~") else word


HELP: dict[str, str] = {
    "help": "install, uninstall, list, show, freeze, check, index and hash work on this notebook's environment. "
    "See %env-install?",
    "pip": "jupyter-envs takes the place of pip here; there is nothing to do.",
    "uv": "jupyter-envs takes the place of uv here; there is nothing to do.",
    "version": "jupyter-envs takes the place of pip here: packages belong to the notebook, see %env-status",
}
