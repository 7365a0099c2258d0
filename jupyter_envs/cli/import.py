"""`import NOTEBOOK [FILE …] [--from NAME]`: takes over what files of other tools, or the notebook itself, say; without
either, says what there is."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from ..dialects.found import Found
from ..dialects.given_hashes import looking
from ..dialects.in_notebook import look
from ..dialects.table import beside
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
from .sources import content_of, inside, read_file
from .target import Place, place_of


def arguments(parser: Parser) -> None:
    takes_notebook(parser, "[FILE …]")
    takes_change_options(parser)
    takes_network_options(parser)
    parser.add_argument(
        "--from", action="append", default=[], metavar="NAME", dest="inside",
        help="take the packages that another tool listed inside the notebook (juv, nteract, cells …)",
    )  # fmt: skip
    parser.add_argument(
        "--group", action="append", default=[], metavar="NAME",
        help="also take this extra or group of packages, which a project has beside its own",
    )  # fmt: skip
    parser.add_argument("--content", metavar="PATH", help=argparse.SUPPRESS)  # for pages: the notebook as they have it


def run(args: argparse.Namespace, console: Console) -> int:
    place, words = place_of(args)
    base = place.base_dir
    if not words and not args.inside:
        return offer(args, place, console)
    found = [*inside(args.inside, args, place), *(read_file(base / word, args.group) for word in words)]

    def act(environments: Environments, block: Block | None, options: Options, report: Report) -> Outcome:
        change = environments.take(block, found, groups=args.group, options=options, report=report)
        for note in place.notes:
            report.note(note)
        return change

    return run_change(args, console, place, act)


def offer(args: argparse.Namespace, place: Place, console: Console) -> int:
    """Takes none of them unasked."""
    with looking():
        rows = [*_inside(args, place), *_beside(place)]
    if not rows:
        return console.done({"found": []}, [f"Nothing in or beside {place.name} says which packages it needs."])
    lines, found, first = list[str](), list[dict[str, object]](), ""
    for name, key, what in rows:
        if isinstance(what, InputError):
            lines.append(f"  {name}: {what.sentence}")
            continue
        words = f"--from {name}" if key == "from" else quoted(name)
        first = first or words
        lines += [f"  {name}: {told(what)}", *(f"    {note}" for note in what.notes if key == "from")]
        found.append({key: name, "dialect": what.dialect, "packages": len(what.requirements or what.pins)})
    head = f"In and beside {place.name} there {'is' if len(rows) == 1 else 'are'}:"
    typed = args.words[0] if args.words else place.name
    use = [f"To take one over: jupyter envs import {quoted(typed)} {first}"] if first else []
    return console.done({"found": found}, [head, *lines, *use])


def _inside(args: argparse.Namespace, place: Place) -> Iterator[tuple[str, str, Found | InputError]]:
    folder = place.path.parent if place.path else None
    for name, what in look(content_of(args, place) or {}, folder):
        yield name, "from", what


def _beside(place: Place) -> Iterator[tuple[str, str, Found | InputError]]:
    for path in beside((place.path or place.base_dir / "x").parent):
        try:
            yield path.name, "file", read_file(path, ())
        except InputError as error:
            yield path.name, "file", error


def told(found: Found) -> str:
    """`4 packages, 37 locked, Python >=3.11`."""
    parts = [count(len(found.requirements), "package")] if found.requirements else []
    parts += [f"{count(len(found.pins), 'package') if not parts else len(found.pins)} locked"] if found.pins else []
    conda = found.conda.dependencies if found.conda else ()
    parts += [f"{count(len(conda), 'package')} from conda"] if conda else []
    parts += [f"Python {found.requires_python}"] if found.requires_python else []
    return ", ".join(parts) or "nothing that a notebook can take over"
