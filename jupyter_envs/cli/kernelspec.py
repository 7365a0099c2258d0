"""`kernelspec add NOTEBOOK | list | remove NAME`: kernels for one notebook, for front ends that do not know
jupyter-envs."""

from __future__ import annotations

import argparse

from ..errors import UsageError
from ..machine import kernelspecs
from .arguments import Parser
from .console import Console
from .render import table
from .target import python_notebook


def arguments(parser: Parser) -> None:
    parser.usage = f"{parser.prog} add NOTEBOOK [--name NAME] [--display-name TEXT] | list | remove NAME"
    parser.add_argument("words", nargs="*", metavar="add|list|remove")
    parser.add_argument("--name", help="the kernel's name (default: made from the notebook's name)")
    parser.add_argument("--display-name", metavar="TEXT", help="the name that front ends show")


def run(args: argparse.Namespace, console: Console) -> int:
    words: list[str] = args.words or ["list"]
    match words:
        case ["add", notebook]:
            return _add(notebook, args, console)
        case ["list"]:
            named = kernelspecs.listed()
            rows = [(n.name, n.display_name, n.notebook or n.environment or "") for n in named]
            return console.done({"kernelspecs": [n.to_dict() for n in named]}, table(rows) or ["No named kernels yet."])
        case ["remove", name]:
            kernelspecs.remove(name)
            return console.done({"removed": name}, [f"Removed the kernel {name}."], kept=True)
    raise UsageError(
        "usage",
        "`kernelspec` is not used like this.",
        hint="kernelspec add NOTEBOOK [--name NAME] | list | remove NAME",
    )


def _add(notebook: str, args: argparse.Namespace, console: Console) -> int:
    file = python_notebook(notebook)
    name = args.name or kernelspecs.name_for(file.path)
    named = kernelspecs.add(name, notebook=file.path, display_name=args.display_name)
    return console.done(named.to_dict(), [f"Added the kernel {named.name} ({named.display_name})."], kept=True)
