"""`list`: the environments on this machine, the one that was used last first."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence

from ..environments.use_cases import Environments
from ..kernel.amounts import count, size
from ..store.inventory import Entry
from ..system.folders import current_folder, user_folder
from .arguments import Parser, settings_of
from .console import Console
from .render import cut, near, span, table

HEAD = ("ID", "PYTHON", "PACKAGES", "OWN", "SHARED", "AGE", "USED", "STATE")
WIDTH = 80
NAMED = 3
"""How many notebooks of each are named; the rest are counted."""
WORDS = {"ready": "", "outdated": "older version", "stale-python": "stale Python", "damaged": "damaged"}


def arguments(parser: Parser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="also check whether any of them was changed after it was built"
    )


def run(args: argparse.Namespace, console: Console) -> int:
    environments = Environments(settings_of(args))
    found = sorted(environments.list(thorough=args.check), key=lambda entry: (-entry.used, entry.id))
    return console.done({"environments": [entry.to_dict() for entry in found]}, list(lines(found)))


def lines(found: Sequence[Entry]) -> Iterator[str]:
    if not found:
        yield "No environments yet."
        return
    now = time.time()
    head, *rows = table([HEAD, *(_row(entry, now) for entry in found)])
    yield head
    here, home = current_folder(), user_folder()
    for entry, row in zip(found, rows, strict=True):
        yield row
        paths = [near(path, here, home) for path in entry.latest_notebooks]
        for path in paths[:NAMED]:
            yield f"  {cut(path, WIDTH - 2)}"
        if paths[NAMED:]:
            yield f"  and {len(paths) - NAMED} more"
    own = sum(entry.pointer.own for entry in found)
    yield f"{count(len(found), 'environment')}, {size(own)} of their own."


def _row(entry: Entry, now: float) -> tuple[str, ...]:
    pointer = entry.pointer
    states = ("running" if entry.running else "", WORDS[entry.state], "" if entry.mine else "shared")
    return (
        entry.id[:8],
        pointer.python.version,
        str(len(pointer.packages)),
        size(pointer.own),
        size(pointer.shared),
        span(now - pointer.created),
        span(now - entry.used),
        ", ".join(state for state in states if state),
    )
