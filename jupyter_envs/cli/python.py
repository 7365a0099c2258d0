"""`python`: the Pythons on this machine; `python NOTEBOOK VERSION`: another one for a notebook."""

from __future__ import annotations

import argparse

from ..errors import UsageError
from ..machine import interpreters
from ..settings import Settings
from .arguments import Parser, settings_of, takes_consent, takes_notebook
from .changing import run_change
from .console import Console
from .render import table
from .target import place_of


def arguments(parser: Parser) -> None:
    takes_notebook(parser, "VERSION")
    parser.usage = f"{parser.prog} [NOTEBOOK VERSION] [options]"
    takes_consent(parser)
    parser.add_argument("--no-build-env", action="store_true", help="only lock; do not build the environment")


def run(args: argparse.Namespace, console: Console) -> int:
    if not args.words and not args.block:
        return _listed(settings_of(args), console)
    place, words = place_of(args)
    if len(words) != 1:
        raise UsageError(
            "usage", "Which Python?", hint="jupyter envs python a.ipynb 3.12; without arguments it lists the Pythons."
        )
    version = words[0]
    return run_change(
        args,
        console,
        place,
        lambda environments, block, options, report: environments.python(
            block, version, options=options, report=report
        ),
    )


def _listed(settings: Settings, console: Console) -> int:
    pythons = interpreters.list_interpreters(settings)
    values = [python.to_dict() | {"default": default} for python, default in pythons]
    rows = [
        (p.version, p.implementation + p.abiflags, p.source, str(p.path), "default" if default else "")
        for p, default in pythons
    ]
    return console.done({"interpreters": values}, table(rows))
