"""`completion SHELL`: prints what makes a shell complete `jupyter-envs` at the Tab key."""

from __future__ import annotations

import argparse
from importlib import import_module

from .arguments import Parser, parser_for
from .console import Console
from .main import VERBS

SHELLS = ("bash", "fish", "tcsh", "zsh")
FILES = ("FILE", "NOTEBOOK", "PATH")
"""What stands in the help for the name of a file."""


def arguments(parser: Parser) -> None:
    parser.usage = f"{parser.prog} SHELL [options]"
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))


def run(args: argparse.Namespace, console: Console) -> int:
    import shtab  # here: nobody else needs it

    code = shtab.complete(all_verbs(shtab.FILE), args.shell, root_prefix="jupyter_envs")
    return console.done({"shell": args.shell, "code": code}, [], code.rstrip("\n"))


def all_verbs(files: object) -> argparse.ArgumentParser:
    """One parser for the whole command line, of which the verbs use a part each. `files` completes names of files."""
    whole = argparse.ArgumentParser(prog="jupyter-envs")
    whole.add_argument("-V", "--version", action="store_true", help="print the version")
    verbs = whole.add_subparsers(dest="verb", parser_class=Parser)
    for verb, what in VERBS.items():
        parser = parser_for(verb, what)
        import_module(f".{verb}", __package__).arguments(parser)
        for action in parser._actions:
            shown = str(action.metavar)
            if "|" in shown:
                action.choices = shown.split("|")
            elif shown in FILES:
                action.complete = files  # type: ignore[attr-defined]  # as shtab has it
        verbs.add_parser(verb, help=what, parents=[parser], add_help=False)
    return whole
