"""`lock NOTEBOOK`, and `lock NOTEBOOK --pending`, which records a change that was made while no document was open."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from ..environments.outcome import Outcome
from ..errors import InputError, UsageError
from ..kernel.pending import drop_pending, fitting, pending_file
from ..model.block import Block, parse_block
from ..system import kept
from .arguments import Parser, settings_of, takes_change_options, takes_notebook
from .changing import run_change, unstoppable
from .console import Console
from .target import FilePlace, no_more, place_of


def arguments(parser: Parser) -> None:
    takes_notebook(parser)
    takes_change_options(parser)
    parser.add_argument(
        "--pending", action="store_true", help="record the change that the kernel made while the file was closed"
    )


def run(args: argparse.Namespace, console: Console) -> int:
    place, words = place_of(args)
    no_more(words)
    if args.pending:
        if not isinstance(place, FilePlace):
            raise UsageError("usage", "--pending takes a notebook file, not a block.")
        if args.dry_run:
            raise UsageError("usage", "--pending and --dry-run cannot be used together.")
        return _record(place, console, settings_of(args).home)
    return run_change(
        args,
        console,
        place,
        lambda environments, block, options, report: environments.lock(block, options=options, report=report),
    )


def _record(place: FilePlace, console: Console, home: Path) -> int:
    now = place.block.to_dict() if place.block else None
    file = _pending(place.file.path, home, now)
    waiting = _content(file)
    block = parse_block(waiting["block"]) if waiting["block"] is not None else None
    if now != waiting["block"] and now != waiting["before"]:
        raise InputError(
            "pending-outdated", f"{place.name} has been changed since then; the waiting change no longer fits.",
            hint="Install the packages again; or delete the waiting change: " + str(file),
        )  # fmt: skip
    if block is None:
        raise _damaged(file)
    with unstoppable():
        place.write(block)
        if not _is_anothers(waiting, place.file.path):
            drop_pending(file, waiting["block"])
        result = Outcome(block, {}, satisfied=now == waiting["block"]).to_dict()
        return console.done(result, [f"{place.name} now records it: {_named(block)}."], kept=True)


def _pending(notebook: Path, home: Path, now: dict[str, Any] | None) -> Path:
    """The file for the notebook's path, as given or with links resolved; or for the path that it had before. Raises
    InputError."""
    for path in (notebook, notebook.resolve()):
        file = Path(pending_file(str(home), str(path)))
        if os.path.lexists(file):
            return file
    found = fitting(str(home), str(notebook.absolute()), now)
    if not found:
        raise InputError("nothing-pending", f"No change is waiting for {notebook.name}.")
    if len(found) > 1:
        names = ", ".join(str(_content(Path(file)).get("notebook")) for file in found[:3])
        raise InputError(
            "pending-ambiguous", f"{len(found)} waiting changes fit {notebook.name}: they were made in {names}.",
            hint="Give it the name that it had then, and run this again.",
        )  # fmt: skip
    return Path(found[0])


def _content(file: Path) -> dict[str, Any]:
    """{notebook, before, block}."""
    try:
        value = kept.stated(file, dict[str, Any])
        return {"before": None, **value, "block": value["block"]}
    except FileNotFoundError:
        raise InputError("nothing-pending", "The waiting change has just been recorded elsewhere.") from None
    except (kept.Damaged, KeyError):
        raise _damaged(file) from None


def _is_anothers(waiting: dict[str, Any], notebook: Path) -> bool:
    """Whether the change still waits for a notebook of which this is a copy."""
    other = waiting.get("notebook")
    try:
        return isinstance(other, str) and not Path(other).samefile(notebook)
    except (OSError, ValueError):
        return False


def _damaged(file: Path) -> InputError:
    return InputError("pending-damaged", f"{file} cannot be read.", hint="Delete it, and install the packages again.")


def _named(block: Block) -> str:
    return ", ".join(block.dependencies) or "no packages"
