"""`undo NOTEBOOK`"""

from __future__ import annotations

import argparse

from .arguments import Parser, takes_consent, takes_notebook
from .changing import run_change
from .console import Console
from .target import no_more, place_of


def arguments(parser: Parser) -> None:
    takes_notebook(parser)
    takes_consent(parser)
    parser.add_argument("--no-build-env", action="store_true", help="only lock; do not build the environment")


def run(args: argparse.Namespace, console: Console) -> int:
    place, words = place_of(args)
    no_more(words)
    return run_change(
        args,
        console,
        place,
        lambda environments, block, options, report: environments.undo(block, options=options, report=report),
    )
