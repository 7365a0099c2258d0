"""`verify [ID|NOTEBOOK]`: compares every file with what was installed. Exit code 1 if something differs."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..environments.use_cases import Environments
from ..errors import InputError, UsageError
from ..kernel.amounts import count
from ..store.verification import Verified, verify
from .arguments import Parser, runs_as_job, settings_of
from .console import Console
from .render import SHOWN
from .target import block_from_stdin, python_notebook


def arguments(parser: Parser) -> None:
    parser.usage = f"{parser.prog} ID|NOTEBOOK|--all [options]"
    parser.add_argument(
        "words", nargs="*", metavar="ID|NOTEBOOK", help="an environment (the beginning of its id), or a notebook"
    )
    parser.add_argument("--all", action="store_true", help="check every environment")
    runs_as_job(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    environments = Environments(settings_of(args))
    console.report.phase("verify", "Comparing files")
    found = verify(environments.here.store, _wanted(args, environments), console.report)
    damaged = sum(1 for one in found if one.damage)
    console.done({"environments": [one.to_dict() for one in found], "damaged": damaged}, list(_lines(found, damaged)))
    return 1 if damaged else 0


def _wanted(args: argparse.Namespace, environments: Environments) -> list[str] | None:
    """Ids; None for all. Raises UsageError, NotebookError, InputError."""
    block = block_from_stdin() if args.block else None
    if args.all + (block is not None) + len(args.words) > 1:
        raise UsageError("usage", "Give one environment, one notebook, or --all.")
    if args.all or (args.block and block is None and not args.words):
        return None
    if not args.words and block is None:
        raise UsageError(
            "usage", "Which environment?", hint="Give its id, a notebook, or --all; `jupyter envs list` shows the ids."
        )
    if args.words and not (args.words[0].endswith(".ipynb") or Path(args.words[0]).exists()):
        return [_of_id(args.words[0], environments)]
    block = block or python_notebook(args.words[0]).block
    closure = environments.status(block).closure
    base = environments.base() if block is None else None
    built = base.id if base else closure.id if closure and environments.here.store.publishes(closure.id) else None
    if built is None:
        raise InputError(
            "not-built",
            "The environment of this notebook has not been built.",
            hint="`jupyter envs status NOTEBOOK` says why.",
        )
    return [built]


def _of_id(beginning: str, environments: Environments) -> str:
    ids = [entry.id for entry in environments.list() if entry.id.startswith(beginning)]
    if len(ids) != 1:
        why = (
            f"There is no environment {beginning[:40]!r}."
            if not ids
            else f"{len(ids)} environments begin with {beginning[:40]!r}."
        )
        raise InputError("environment-unknown", why, hint="`jupyter envs list` shows them all.")
    return ids[0]


def _lines(found: Sequence[Verified], damaged: int) -> Iterator[str]:
    for one in found:
        if one.damage:
            fate = (
                "it will be built again when it is needed"
                if one.withdrawn
                else "it is in a store that somebody else manages: tell its owner"
            )
            yield f"{one.id[:8]} is damaged; {fate}."
            yield from (f"  {sentence}" for sentence in one.damage[:SHOWN])
            if one.damage[SHOWN:]:
                yield f"  and {len(one.damage) - SHOWN} more"
    well = len(found) - damaged
    yield f"{count(well, 'environment')} {'is' if well == 1 else 'are'} unchanged."
