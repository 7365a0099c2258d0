"""`consent list | revoke DIGEST… | revoke --all`: what this user approved, and taking it back."""

from __future__ import annotations

import argparse
from typing import Any

from ..consents import Consents
from ..errors import InputError, UsageError
from ..settings import Settings
from .console import Console
from .render import table
from .words import Parser

SHORTEST = 8
"""So many characters of a digest are enough, if no other begins with them."""


def arguments(parser: Parser) -> None:
    parser.usage = f"{parser.prog} list | revoke DIGEST… | revoke --all"
    parser.add_argument("words", nargs="*", metavar="list|revoke")
    parser.add_argument("--all", action="store_true", help="with revoke: everything")


def run(args: argparse.Namespace, console: Console) -> int:
    consents = Consents(Settings.load())
    match args.words or ["list"]:
        case ["list"] if not args.all:
            return _list(consents, console)
        case ["revoke"] if args.all:
            return _revoke(consents, sorted(consents.all()), console)
        case ["revoke", _, *_] if not args.all:
            return _revoke(consents, [_found(consents, word) for word in args.words[1:]], console)
    raise UsageError("usage", "That is no use of `consent`.", hint="consent list | revoke DIGEST… | revoke --all")


def _list(consents: Consents, console: Console) -> int:
    given = [{"digest": digest} | shown(entry) for digest, entry in consents.all().items()]
    given.sort(key=lambda entry: str(entry["at"]), reverse=True)
    rows = [
        (entry["digest"].removeprefix("sha256:")[:12], entry["at"] or "?", f"Python {entry['python']}", f"{entry['packages']} packages",
         entry["how"] or "?")
        for entry in given
    ]
    return console.done({"consents": given}, table(rows) or ["You have approved nothing yet."])


def _revoke(consents: Consents, digests: list[str], console: Console) -> int:
    gone = [digest for digest in digests if consents.revoke(digest)]
    lines = ["Environments stay on disk, and kernels that run go on; the next start asks."] if gone else []
    return console.done({"revoked": gone}, [f"Revoked {len(gone)} of your approvals.", *lines], kept=True)


def shown(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: entry.get(key) for key in ("at", "how", "python", "packages")}


def _found(consents: Consents, word: str) -> str:
    """The digest that begins so. Raises InputError `consent-unknown`."""
    start = "sha256:" + word.removeprefix("sha256:")
    found = [digest for digest in consents.all() if digest.startswith(start)]
    if len(found) != 1 or len(word.removeprefix("sha256:")) < SHORTEST:
        raise InputError("consent-unknown", f"No single approval begins with {word[:80]!r}.", hint="`jupyter envs consent list` lists them.")
    return found[0]
