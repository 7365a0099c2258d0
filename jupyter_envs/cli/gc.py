"""`gc`: deletes what has not been used for some time, and says how much space that freed."""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator, Mapping

from ..environments.cleaning import Cleaned, clean
from ..environments.use_cases import Environments
from ..kernel.amounts import count, size
from ..store.inventory import Entry
from ..system.folders import current_folder, user_folder
from .arguments import Parser, runs_as_job, settings_of
from .console import Console
from .render import SHOWN, ago, cut, near


def arguments(parser: Parser) -> None:
    parser.add_argument(
        "--unused-for", type=_days, metavar="DAYS",
        help="remove what has not been used for this many days (default: JUPYTER_ENVS_KEEP_DAYS, or 30)",
    )  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="only show what would be removed")
    runs_as_job(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    settings = settings_of(args)
    environments = Environments(settings)
    days = (settings.keep_days or None) if args.unused_for is None else args.unused_for
    before = {entry.id: entry for entry in environments.list()}
    console.report.phase("clean", "Looking for what is not used")
    cleaned = clean(environments.here, days, dry_run=args.dry_run)
    for kept in cleaned.kept[:SHOWN]:
        console.report.note(kept.sentence)
    if cleaned.kept[SHOWN:]:
        console.report.note(f"{len(cleaned.kept) - SHOWN} more could not be removed.")
    return console.done(cleaned.to_dict(), [*_gone(cleaned, before), sentence(cleaned)], kept=not args.dry_run)


def sentence(cleaned: Cleaned) -> str:
    limit = (
        "no limit is set"
        if cleaned.days is None
        else f"everything was used within the last {count_of_days(cleaned.days)}"
    )
    if cleaned.nothing:
        return f"Nothing to clean up: {limit}."
    kinds = (
        (len(cleaned.collected.environments), "environment"),
        (len(cleaned.collected.wheels), "wheel"),
        (cleaned.others, "leftover"),
    )
    told = ", ".join(count(number, what) for number, what in kinds if number)
    return f"{'Would free' if cleaned.dry_run else 'Freed'}: {told}, {size(cleaned.bytes)}."


def count_of_days(days: float) -> str:
    return f"{days:g} day{'' if days == 1 else 's'}"


def _gone(cleaned: Cleaned, before: Mapping[str, Entry]) -> Iterator[str]:
    gone = [before[name] for name in cleaned.collected.environments if name in before]
    for entry in gone[:SHOWN]:
        last = near(entry.latest_notebooks[0], current_folder(), user_folder()) if entry.notebooks else ""
        used = f"used {ago(time.time() - entry.used)}" + (f" by {last}" if last else "")
        yield f"- {entry.id[:8]}  Python {entry.pointer.python.version}, {cut(used, 46)}"
    if gone[SHOWN:]:
        yield f"- {len(gone) - SHOWN} more"


def _days(word: str) -> float:
    try:
        days = float(word)
    except ValueError:
        days = math.nan
    if not (math.isfinite(days) and days >= 0):
        raise argparse.ArgumentTypeError("must be a number of days")
    return days
