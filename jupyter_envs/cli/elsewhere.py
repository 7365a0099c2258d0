"""`elsewhere -- pip install --target lib six`, not for people: what a cell asks of pip for another environment than the
notebook's. uv does it, with the indexes that are configured for pip and uv here; no notebook changes."""

from __future__ import annotations

import argparse

from ..environments.here import Here
from .arguments import Parser, settings_of
from .console import Console
from .shell import foreground


def arguments(parser: Parser) -> None:
    parser.usage = f"{parser.prog} -- pip …"
    parser.takes_command = True
    parser.set_defaults(command=[])


def run(args: argparse.Namespace, console: Console) -> int:
    console.rest()
    here = Here(settings_of(args))
    words = list(args.command)
    if words[1:2] == ["install"]:
        here.consents.policy.check_elsewhere()
        if not any(word.startswith("--no-binary") for word in words):
            words[2:2] = ["--only-binary", ":all:"]
    with here.engine() as engine:
        return foreground(*engine.in_the_open(words))
