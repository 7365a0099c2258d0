"""What all verbs that change a notebook's environment have in common: read the block, change it, ask if necessary,
write, report."""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from ..errors import ConsentNeeded
from ..model.block import Block
from ..model.lock import Lock
from ..model.progress import Report
from ..system.folders import current_folder
from .arguments import python_of, settings_of
from .console import Console
from .network import typed_network
from .render import change_lines, held_line, near
from .target import Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..environments.here import Here
    from ..environments.outcome import Outcome
    from ..environments.use_cases import Environments
    from ..model.options import Options

    Act = Callable[[Environments, Block | None, Options, Report], Outcome]
T = TypeVar("T")


def options_of(args: argparse.Namespace, place: Place | None) -> Options:
    from ..model.options import Options  # here, like the use cases below: who only looks has none

    return Options(
        accept=getattr(args, "accept", None),
        allow_build=_names(args, "allow_build"),
        allow_startup=_names(args, "allow_startup"),
        offline=bool(args.offline),
        prerelease=getattr(args, "pre", False),
        prefer_binary=getattr(args, "prefer_binary", False),
        before=moment_of(getattr(args, "uploaded_prior_to", None)),
        fresh=getattr(args, "refresh", False),
        dry_run=getattr(args, "dry_run", False),
        notebook=place.path if place else None,
        build=not getattr(args, "no_build_env", False),
        python=python_of(args),
        fetch_python="yes" if getattr(args, "fetch_python", False) else "ask",
    )


def moment_of(text: str | None) -> str | None:
    """A moment in UTC, of what pip's --uploaded-prior-to takes: a date or moment, here if it does not say where, or
    `P30D` for 30 days ago. Raises InputError `timestamp`."""
    if text is None:
        return None
    from datetime import datetime, timedelta, timezone

    from ..errors import InputError

    try:
        days = text[1:-1] if text.startswith("P") and text.endswith("D") and text[1:-1].isdecimal() else None
        moment = (
            datetime.now(timezone.utc) - timedelta(int(days))
            if days
            else datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
        )
        return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        raise InputError(
            "timestamp", f"--uploaded-prior-to: {text[:60]!r} is not a date.", hint="Write it like 2026-11-21, or P30D."
        ) from None  # fmt: skip


def _names(args: argparse.Namespace, option: str) -> frozenset[str]:
    return frozenset(name for word in getattr(args, option, ()) for name in word.split(","))


def run_change(
    args: argparse.Namespace,
    console: Console,
    place: Place,
    act: Act,
    *,
    options: Options | None = None,
    asked: Iterable[str] = (),
    moving: bool = False,
) -> int:
    """Runs the use case `act` and writes the block. `asked`: canonical names to show first; `moving`: those, or all,
    were to be upgraded."""
    from ..environments.use_cases import Environments

    console.notebook = _shown(place.path) if place.path else None
    with typed_network(args, place.base_dir):
        environments = Environments(settings_of(args))
        change = ask_and_retry(
            console,
            options or options_of(args, place),
            lambda chosen: act(environments, place.block, chosen, console.report),
        )
    asked = change.asked or tuple(asked)
    if getattr(args, "dry_run", False):
        return _say_plan(console, place, change, asked)
    lines = change_lines(change, place.block, asked)
    if moving and (held := held_line(change, asked)):
        lines = [*lines, held] if change.changed else [held]
        if console.quiet:
            console.report.note(held)
        change = replace(change, notes=(*change.notes, held))
    with unstoppable():
        place.write(change.block)
        code = console.done(change.to_dict(), lines, kept=True)
    if change.block.lock and not (change.satisfied or args.offline):
        renewed(environments.here, change.block, change.block.lock)
    return code


def _say_plan(console: Console, place: Place, change: Outcome, asked: Iterable[str]) -> int:
    unlocked = change.block.lock is None and change.block != place.block
    lines = (
        change_lines(change, place.block, asked) if change.changed else ["the list alone" if unlocked else "nothing"]
    )
    block = place.block.to_dict() if place.block else None
    return console.done({**change.to_dict(), "block": block}, ["Would change:", *lines])


def _shown(notebook: Path) -> str:
    here = current_folder()
    return near(str(notebook), here, here)


def renewed(here: Here, block: Block, lock: Lock) -> None:
    """This change has used older answers of the indexes; the next change shall have newer ones."""
    from ..engines.uv import refresh

    refresh.begin(here.settings, here.indexes, block.spec, lock, os.environ)


def ask_and_retry(console: Console, options: Options, attempt: Callable[[Options], T]) -> T:
    """Calls `attempt`, and again with the user's consent if a Python has to be downloaded, or if a package's code has
    to run while it is built or runs when Python starts. Raises ConsentNeeded."""
    from ..kernel.asking import question

    while True:
        try:
            return attempt(options)
        except ConsentNeeded as error:
            if "fetch" in error.data and options.accept != error.data["digest"] and console.asks():
                if not console.ask(question(error.to_dict())):
                    raise
                options = replace(options, accept=str(error.data["digest"]))
                continue
            allowed = {"needs-build": options.allow_build, "needs-review": options.allow_startup}.get(error.code)
            if allowed is None or not console.asks():
                raise
            names = frozenset(error.data.get("packages", ()))
            if names <= allowed or not console.ask(question(error.to_dict())):
                raise
            if error.code == "needs-build":
                options = replace(options, allow_build=allowed | names)
            else:
                options = replace(options, allow_startup=allowed | names)


@contextmanager
def unstoppable() -> Iterator[None]:
    """What was published is also reported: the last step is not stopped half-way."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
