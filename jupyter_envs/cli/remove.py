"""`remove NOTEBOOK PACKAGE …`"""

from __future__ import annotations

import argparse
from dataclasses import replace

from packaging.utils import canonicalize_name

from ..dialects import requirements_txt
from ..dialects.file_options import file_of
from ..environments.outcome import Outcome
from ..environments.uninstalling import Leaving, leaving
from ..environments.use_cases import Environments
from ..errors import UsageError
from ..model.block import Block
from ..model.options import Options
from ..model.progress import Report
from .arguments import Parser, takes_consent, takes_notebook
from .changing import run_change
from .console import Console
from .network import takes_network_options
from .target import Place, place_of


def arguments(parser: Parser) -> None:
    takes_notebook(parser, "PACKAGE …")
    takes_consent(parser)
    parser.add_argument("--no-build-env", action="store_true", help="only lock; do not build the environment")
    parser.add_argument("--dry-run", action="store_true", help="only say what would change")
    takes_network_options(parser)
    parser.pip_verb = "uninstall"
    parser.add_argument("-y", "--yes", action="store_true", help="accepted as in pip, and has no effect")
    parser.add_argument(
        "-r",
        "--requirement",
        action="append",
        default=[],
        metavar="FILE",
        help="remove what this requirements file lists",
    )
    parser.add_argument(
        "--skip-missing", action="store_true", help="skip what is not installed, as pip does, instead of refusing"
    )


def run(args: argparse.Namespace, console: Console) -> int:
    place, words = place_of(args)
    base = place.base_dir
    listed = requirements_txt.read([file_of(file, base) for file in args.requirement], base)
    names = [*words, *(item.name for item in listed.requirements)]
    if not names:
        raise UsageError("req-empty", "No package to remove was named.", hint="jupyter envs remove a.ipynb pandas")
    leaves = leaving(place.block, names) if args.skip_missing else None
    if leaves and not (leaves.declared or leaves.locked):
        return skip_all(place, leaves, console)

    def act(environments: Environments, block: Block | None, options: Options, report: Report) -> Outcome:
        change = environments.remove(
            block, leaves.declared or leaves.locked if leaves else names, options=options, report=report
        )
        notes = leaves.notes(change.block.lock, change.changed) if leaves else []
        for note in notes:
            report.note(note)
        return replace(change, notes=(*change.notes, *notes))

    return run_change(args, console, place, act, asked=[canonicalize_name(name) for name in names])


def skip_all(place: Place, leaves: Leaving, console: Console) -> int:
    """Nothing is there to be removed, and nothing is written."""
    notes = leaves.notes(None)
    for note in notes:
        console.report.note(note)
    block = place.block.to_dict() if place.block else None
    result = {"block": block, "changed": {}, "environment": None, "notes": notes, "satisfied": False, "seconds": 0.0}
    return console.done(result, ["Nothing to remove."])
