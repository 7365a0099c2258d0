"""`upgrade NOTEBOOK [PACKAGE …]`"""

from __future__ import annotations

import argparse

from packaging.utils import canonicalize_name

from .arguments import Parser, takes_change_options, takes_notebook
from .changing import run_change
from .console import Console
from .network import takes_network_options
from .target import place_of


def arguments(parser: Parser) -> None:
    takes_notebook(parser, "[PACKAGE …]")
    takes_change_options(parser)
    takes_network_options(parser)
    parser.pip_verb = "upgrade"
    parser.add_argument("-U", "--upgrade", action="store_true", help=argparse.SUPPRESS)


def run(args: argparse.Namespace, console: Console) -> int:
    place, names = place_of(args)
    return run_change(
        args,
        console,
        place,
        lambda environments, block, options, report: environments.upgrade(block, names, options=options, report=report),
        asked=[canonicalize_name(name) for name in names],
        moving=True,
    )
