"""`list`: the environments on this machine."""

from __future__ import annotations

import argparse
from datetime import datetime

from ..environments import Environments
from .change import settings_of
from .console import Console
from .render import table
from .words import Parser


def arguments(parser: Parser) -> None:
    """Nothing but the common options."""


def run(args: argparse.Namespace, console: Console) -> int:
    found = sorted(Environments(settings_of(args)).list(), key=lambda e: float(e["created"]), reverse=True)
    rows = [
        (
            environment["id"][:8],
            f"Python {environment['version']}",
            f"{len(environment['packages'])} packages",
            datetime.fromtimestamp(environment["created"]).strftime("%Y-%m-%d %H:%M"),
            environment["prefix"],
        )
        for environment in found
    ]
    return console.done({"environments": found}, table(rows) or ["No environments yet."])
