"""`doctor`: examines the set-up, and says what is wrong with it. Exit code 1 if something is."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence

from ..environments.doctor import Finding, examine, of_error
from ..errors import StoreError, UsageError
from ..kernel.amounts import count
from .arguments import Parser, settings_of
from .console import Console


def arguments(parser: Parser) -> None:
    parser.add_argument("--network", action="store_true", help="also check whether each package index answers")


def run(args: argparse.Namespace, console: Console) -> int:
    console.report.phase("verify", "Checking the set-up")
    try:
        settings = settings_of(args)
    except UsageError as error:  # an invalid variable: without it, nothing else can be examined
        found = [of_error("settings", error)]
    except StoreError as error:  # nor with a home in which others may write
        found = [of_error("home", error)]
    else:
        found = list(examine(settings, os.environ, network=args.network))
    wrong = sum(1 for finding in found if finding.level == "wrong")
    console.done({"findings": [finding.to_dict() for finding in found], "wrong": wrong}, list(_lines(found, wrong)))
    return 1 if wrong else 0


def _lines(found: Sequence[Finding], wrong: int) -> Iterator[str]:
    width = max(len(finding.what) for finding in found)
    for finding in found:
        mark = "WRONG" if finding.level == "wrong" else finding.level
        yield f"{mark:<5}  {finding.what:<{width}}  {finding.sentence}"
        if finding.hint:
            yield f"{'':<5}  {'':<{width}}  → {finding.hint}"
    yield "No problems found." if not wrong else f"{count(wrong, 'problem')} found."
