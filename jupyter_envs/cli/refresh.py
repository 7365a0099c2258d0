"""`refresh`, not for people: asks the indexes again about answers from the cache (engines/uv/refresh.py)."""

from __future__ import annotations

import argparse

import msgspec

from ..engines.uv.refresh import refresh
from ..environments.here import Here
from ..model.spec import Spec
from ..store.finishing import low_priority
from .arguments import Parser, settings_of
from .console import Console


def arguments(parser: Parser) -> None:
    parser.add_argument("minor", metavar="3.12")
    parser.add_argument("spec", metavar="JSON")


def run(args: argparse.Namespace, console: Console) -> int:
    low_priority()
    with Here(settings_of(args)).engine() as engine:
        refresh(engine, msgspec.json.decode(args.spec, type=Spec), args.minor)
    return console.done({}, [])
