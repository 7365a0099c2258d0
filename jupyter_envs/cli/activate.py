"""`activate NOTEBOOK`: prints the commands that make a shell run in the notebook's environment."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..kernel.foreign import quoted
from .activation import HOW, NAMES, WRITERS, Active
from .arguments import Parser, takes_consent
from .console import Console
from .shell import open_shell

ABOVE = 4
"""How many parent processes we search for the shell: launchers and wrappers come in between."""


def arguments(parser: Parser) -> None:
    parser.usage = f"{parser.prog} NOTEBOOK [options]"
    parser.add_argument("words", nargs="*", metavar="NOTEBOOK")
    takes_consent(parser)
    names = ", ".join(sorted(WRITERS))
    parser.add_argument(
        "--shell", choices=sorted(WRITERS), metavar="NAME", help=f"{names} (default: the shell that runs this)"
    )
    parser.add_argument("--locked", action="store_true", help="use the lock unchanged, or fail")
    parser.add_argument("--python", metavar="VERSION", help="the Python for a notebook without a lock: 3.12, or a path")


def run(args: argparse.Namespace, console: Console) -> int:
    shell = args.shell or calling(os.environ)
    environment, lease, name = open_shell("activate", args, console)
    # It counts as used now. Nothing can hold a lease for a shell that is not our child; `shell` does.
    lease.close()
    text = WRITERS[shell](Active(str(environment.prefix), str(environment.bin), Path(name).stem))
    if console.stdout.isatty():
        console.report.note(f"To activate it: {HOW[shell].format(notebook=quoted(args.words[0]))}")
    result = {"shell": shell, "environment": environment.to_dict(), "code": text}
    return console.done(result, [], text.rstrip("\n"))


def calling(environ: Mapping[str, str]) -> str:
    """The shell that has started us; if there is none, the user's own."""
    found = (NAMES[name] for name in _above() if name in NAMES)
    own = Path(environ.get("SHELL", "")).name
    return next(found, NAMES.get(own, "powershell" if os.name == "nt" else "bash"))


def _above() -> Iterator[str]:
    import psutil

    try:
        for process in psutil.Process().parents()[:ABOVE]:
            yield Path(process.name()).stem.lower().lstrip("-")
    except psutil.Error:
        return
