"""`build NOTEBOOK`: the environment of its lock, after consent. Without a block: the base environment."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from msgspec import structs

from ..environments.use_cases import Environments
from ..kernel.amounts import count
from ..store.sharing import share
from .arguments import Parser, settings_of, takes_consent, takes_notebook
from .changing import ask_and_retry, options_of
from .console import Console
from .target import no_more, place_of


def arguments(parser: Parser) -> None:
    takes_notebook(parser)
    takes_consent(parser)
    parser.add_argument("--python", metavar="VERSION", help="the Python for the base environment: 3.12, or a path")
    parser.add_argument(
        "--store", metavar="PATH", help="build into this store, which all users can read, instead of your own"
    )


def run(args: argparse.Namespace, console: Console) -> int:
    place, words = place_of(args)
    no_more(words)
    started = time.perf_counter()
    settings = settings_of(args)
    asked = options_of(args, place)
    if args.store:  # whole at once: nobody who only reads it could finish it, or come to a Python in the filler's home
        asked = replace(asked, fetch_python="no")
        settings = structs.replace(
            settings, store=Path(args.store).expanduser().absolute(), shared_stores=(), compile="now"
        )
    environments = Environments(settings)
    began = time.time()
    environment = ask_and_retry(
        console,
        asked,
        lambda options: environments.build(place.block, options=options, report=console.report),
    )
    if args.store:
        share(settings.store)
    seconds = time.perf_counter() - started
    there = environment.created < began
    result: dict[str, Any] = {
        "block": place.block.to_dict() if place.block else None,
        "changed": {},
        "environment": environment.to_dict(),
        "notes": [],
        "satisfied": there,
        "seconds": round(seconds, 3),
    }
    what = f"Python {environment.version}, {count(len(environment.packages), 'package')}"
    return console.done(result, [f"{'Already built' if there else 'Built'}: {what}.  {seconds:.1f} s"], kept=True)
