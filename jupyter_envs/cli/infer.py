"""`infer NOTEBOOK`: works out what a notebook needs that declares nothing, and says why; takes it when told to."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from ..environments.climbing import Climb
from ..environments.inferring import Brought, propose, rungs
from ..environments.outcome import Outcome
from ..environments.use_cases import Environments
from ..errors import InputError, UsageError
from ..infer import Proposal
from ..infer.ladder import Rung
from ..infer.names import Names
from ..kernel.foreign import quoted
from ..model.block import Block
from ..model.options import Options
from ..model.progress import Report
from ..notebook import NotebookFile
from .arguments import Parser, seconds, settings_of, takes_change_options, takes_notebook
from .changing import moment_of, run_change
from .console import Console
from .network import takes_network_options
from .target import FilePlace, Place, no_more, place_of

WIDTH = 24


def arguments(parser: Parser) -> None:
    takes_notebook(parser)
    takes_change_options(parser)
    takes_network_options(parser)
    parser.add_argument(
        "--date", metavar="DAY", help="the day that the notebook is from (default: what it says itself, or its file)"
    )
    parser.add_argument(
        "--try", action="store_true", dest="try_it",
        help="run a copy of the notebook in each environment, and keep the first one in which it works",
    )  # fmt: skip
    parser.add_argument("--timeout", type=seconds, metavar="SECONDS", help="with --try: time limit for each cell")
    parser.add_argument(
        "--group", action="append", default=[], metavar="NAME",
        help="`--group optional`: also take packages that the code can run without",
    )  # fmt: skip


def run(args: argparse.Namespace, console: Console) -> int:
    place, words = place_of(args)
    no_more(words)
    settings = settings_of(args)
    environments = Environments(settings)
    proposal = propose(_file(place).content, place.path, environments.here, _day(args.date))
    steps = rungs(proposal, environments.here)
    if not proposal.entries:
        raise InputError(
            "nothing-found", f"{place.name} imports no module whose package is known.",
            hint=f"Install what it needs: jupyter envs install {quoted(place.name)} PACKAGE",
            details="\n".join(_more(proposal)),
        )  # fmt: skip
    if args.try_it and (args.dry_run or args.no_build_env):
        raise UsageError("usage", "--try builds environments, and does not go with --dry-run or --no-build-env.")
    if args.accept is None and not (args.dry_run or args.try_it):
        return console.done(
            _told(proposal, steps), list(_lines(proposal, steps, place, args.words[0] if args.words else place.name))
        )
    return _take(args, console, place, proposal, steps)


def _take(
    args: argparse.Namespace, console: Console, place: Place, proposal: Proposal, steps: Sequence[Rung]
) -> int:  # fmt: skip
    def act(environments: Environments, block: Block | None, options: Options, report: Report) -> Outcome:
        works = None
        if args.try_it:
            from .trying import Trial

            works = Trial(_file(place), environments.here.settings, args.timeout, report)
        names = Names(Brought(environments.here))
        climb = Climb(environments, block, options, report, args.group, works, names)
        change, tried = climb.first(steps)
        for note in (*place.notes, *map(str.strip, _more(proposal))):
            report.note(note)
        report.note(f"Versions: {tried[-1].rung.why}.")
        return change

    return run_change(args, console, place, act)


def _file(place: Place) -> NotebookFile:
    """Raises UsageError where only a block is known."""
    if isinstance(place, FilePlace):
        return place.file
    if place.path is None:
        raise UsageError("no-notebook", "Which notebook?", hint="With --block, name its file: --notebook PATH")
    return NotebookFile.read(place.path)


def _day(text: str | None) -> date | None:
    moment = moment_of(text) if text else None
    return date.fromisoformat(moment[:10]) if moment else None


def _told(proposal: Proposal, steps: Sequence[Rung]) -> dict[str, Any]:
    return {**proposal.to_dict(), "steps": [{"step": rung.name, "why": rung.why} for rung in steps]}


def _lines(proposal: Proposal, steps: Sequence[Rung], place: Place, typed: str) -> Iterator[str]:
    yield f"{place.name} seems to need:"
    for entry in sorted(proposal.entries, key=lambda entry: entry.optional):
        maybe = "optional: " if entry.optional else ""
        yield f"  {entry.requirement.text:<{WIDTH}} {maybe}{entry.line}"
    yield from _more(proposal)
    yield f"Versions: {steps[0].why}"
    yield f"Nothing is recorded yet. To see the versions: jupyter envs infer {quoted(typed)} --dry-run"
    yield f"To take it: jupyter envs infer {quoted(typed)} --accept"


def _more(proposal: Proposal) -> Iterator[str]:
    for each in proposal.unknown:
        yield f"  {each.module} ({each.where}): {each.why}"
    if proposal.local:
        yield f"Beside the notebook: {', '.join(proposal.local.values())}"
    if proposal.python:
        yield f"Saved with Python {proposal.python}"
    if proposal.pins:
        yield f"Versions that it shows: {', '.join(f'{pin.name} {pin.version}' for pin in proposal.pins)}"
    yield from (proposal.lines.notes if proposal.lines else ())
    yield from proposal.notes
