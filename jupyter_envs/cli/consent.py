"""`consent list | revoke DIGEST… | revoke --all`: shows and revokes what this user approved."""

from __future__ import annotations

import argparse

from ..consent.consents import Consents
from ..errors import InputError, UsageError
from ..kernel.amounts import count
from ..settings import Settings
from .arguments import Parser
from .console import Console
from .render import table

SHORTEST = 8
"""How many characters of a digest are enough, if no other digest begins with them."""


def arguments(parser: Parser) -> None:
    parser.usage = f"{parser.prog} list | revoke DIGEST… | revoke --all"
    parser.add_argument("words", nargs="*", metavar="list|revoke")
    parser.add_argument("--all", action="store_true", help="with revoke: revoke everything")


def run(args: argparse.Namespace, console: Console) -> int:
    consents = Consents(Settings.load())
    match args.words or ["list"]:
        case ["list"] if not args.all:
            return _list(consents, console)
        case ["revoke"] if args.all:
            return _revoked(consents.revoke_all(), console)
        case ["revoke", _, *_] if not args.all:
            return _revoked(consents.revoke_these([_found(consents, word) for word in args.words[1:]]), console)
    raise UsageError("usage", "`consent` is not used like this.", hint="consent list | revoke DIGEST… | revoke --all")


def _list(consents: Consents, console: Console) -> int:
    given = sorted(consents.all().items(), key=lambda pair: pair[1].at, reverse=True)
    rows = [
        (
            digest.removeprefix("sha256:")[:12],
            each.at or "?",
            f"Python {each.python}",
            count(each.packages, "package"),
            each.how or "?",
        )
        for digest, each in given
    ]
    return console.done(
        {"consents": [each.to_dict(digest) for digest, each in given]},
        table(rows) or ["You have approved nothing yet."],
    )


def _revoked(gone: list[str], console: Console) -> int:
    lines = (
        ["Environments stay on disk, and kernels keep running; you will be asked at the next start."] if gone else []
    )
    return console.done({"revoked": gone}, [f"Revoked {len(gone)} of your approvals.", *lines], kept=True)


def _found(consents: Consents, word: str) -> str:
    """The digest that begins with these characters. Raises InputError `consent-unknown`."""
    start = "sha256:" + word.removeprefix("sha256:")
    found = [digest for digest in consents.all() if digest.startswith(start)]
    if len(found) != 1 or len(word.removeprefix("sha256:")) < SHORTEST:
        raise InputError(
            "consent-unknown",
            f"No approval, or more than one, begins with {word[:80]!r}.",
            hint="`jupyter envs consent list` lists them.",
        )
    return found[0]
