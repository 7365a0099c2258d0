"""`remove NOTEBOOK PACKAGE …`"""

from __future__ import annotations

import argparse

from packaging.utils import canonicalize_name

from ..errors import UsageError
from .arguments import Parser, takes_consent, takes_notebook
from .changing import run_change
from .console import Console
from .target import place_of


def arguments(parser: Parser) -> None:
    takes_notebook(parser, "PACKAGE …")
    takes_consent(parser)
    parser.add_argument("--no-build-env", action="store_true", help="only lock; do not build the environment")
    parser.add_argument("-y", "--yes", action="store_true", help="accepted as in pip, and has no effect")


def run(args: argparse.Namespace, console: Console) -> int:
    place, names = place_of(args)
    if not names:
        raise UsageError("req-empty", "No package to remove was named.", hint="jupyter envs remove a.ipynb pandas")
    return run_change(
        args,
        console,
        place,
        lambda environments, block, options, report: environments.remove(block, names, options=options, report=report),
        asked=[canonicalize_name(name) for name in names],
    )
