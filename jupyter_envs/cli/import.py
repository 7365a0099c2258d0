"""`import NOTEBOOK FILE …`: takes over what files of other tools say; without FILE, says which ones there are."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ..dialects.found import Found
from ..dialects.table import beside, dialect_of
from ..environments.outcome import Outcome
from ..environments.use_cases import Environments
from ..errors import InputError
from ..kernel.amounts import count
from ..kernel.foreign import quoted
from ..model.block import Block
from ..model.options import Options
from ..model.progress import Report
from .arguments import Parser, takes_change_options, takes_notebook
from .changing import run_change
from .console import Console
from .network import takes_network_options
from .target import Place, place_of


def arguments(parser: Parser) -> None:
    takes_notebook(parser, "[FILE …]")
    takes_change_options(parser)
    takes_network_options(parser)
    parser.add_argument(
        "--group", action="append", default=[], metavar="NAME",
        help="also take this extra or group of packages, which a project has beside its own",
    )  # fmt: skip


def run(args: argparse.Namespace, console: Console) -> int:
    place, words = place_of(args)
    base = place.base_dir
    if not words:
        return offer(place, console)
    found = [_read(base / word, args.group) for word in words]

    def act(environments: Environments, block: Block | None, options: Options, report: Report) -> Outcome:
        change = environments.take(block, found, groups=args.group, options=options, report=report)
        for note in place.notes:
            report.note(note)
        return change

    return run_change(args, console, place, act)


def _read(path: Path, groups: Sequence[str]) -> Found:
    if not path.exists():
        raise InputError("no-such-path", f"There is no file {path}.", hint="Check the path.")
    return dialect_of(path).read(path, groups)


def offer(place: Place, console: Console) -> int:
    """Takes none of them unasked."""
    folder = (place.path or place.base_dir / "x").parent
    found, lines = list[dict[str, object]](), list[str]()
    first = "FILE"
    for path in beside(folder):
        try:
            what = _read(path, ())
        except InputError as error:
            lines.append(f"  {path.name}: {error.sentence}")
            continue
        first = path.name if not found else first
        found.append({"file": path.name, "dialect": what.dialect, "packages": len(what.requirements or what.pins)})
        lines.append(f"  {path.name}: {told(what)}")
    if not lines:
        return console.done({"found": []}, [f"Nothing beside {place.name} says which packages it needs."])
    head = f"Beside {place.name} there {'is' if len(lines) == 1 else 'are'}:"
    use = f"To take one over: jupyter envs import {quoted(place.name)} {quoted(first)}"
    return console.done({"found": found}, [head, *lines, use])


def told(found: Found) -> str:
    """`4 packages, 37 locked, Python >=3.11`."""
    parts = [count(len(found.requirements), "package")] if found.requirements else []
    parts += [f"{count(len(found.pins), 'package') if not parts else len(found.pins)} locked"] if found.pins else []
    conda = found.conda.dependencies if found.conda else ()
    parts += [f"{count(len(conda), 'package')} from conda"] if conda else []
    parts += [f"Python {found.requires_python}"] if found.requires_python else []
    return ", ".join(parts) or "nothing that a notebook can take over"
