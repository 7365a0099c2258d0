"""The command line of `./setup-notebooks`."""

from __future__ import annotations

import argparse
import os
import shlex
import sys

from . import locking, project, venv
from .places import BIN, NOTEBOOKS, PYTHON, ROOT, tool
from .steps import Failed, become


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="setup-notebooks",
        description="Set up jupyter_envs in .venv, and open the example notebooks in JupyterLab.",
    )
    what = made.add_mutually_exclusive_group()
    what.add_argument("--no-launch", action="store_true", help="set up, but do not open JupyterLab")
    what.add_argument(
        "--run",
        metavar="NOTEBOOK",
        help="execute this notebook without a browser; further options go to `jupyter envs run`",
    )
    what.add_argument("--test", action="store_true", help="run all checks; further options go to pytest")
    what.add_argument("--lock", action="store_true", help="write requirements/ again, with the newest versions allowed")
    made.add_argument("--all", action="store_true", help="with --test: also run the long tests")
    made.add_argument(
        "--newest", action="store_true", help="with --test: use the newest versions, not those in requirements/"
    )
    return made


def run(arguments: list[str]) -> int:
    """The exit code."""
    made = parser()
    options, rest = made.parse_known_args(arguments)
    for name in ("all", "newest"):
        if getattr(options, name) and not options.test:
            made.error(f"--{name} needs --test")
    if rest and not (options.run or options.test):
        made.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        venv.make(newest=options.newest or options.lock)
        if options.lock:
            locking.write_locks()
            return 0
        project.install({"lab", "test"} if options.test else {"lab"}, newest=options.newest)
        project.prepare()
        return then(options, rest)
    except Failed as failed:
        print(f"\n{failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def then(options: argparse.Namespace, rest: list[str]) -> int:
    if options.test:
        return become([PYTHON, ROOT / "tests" / "checks.py", *(["--all"] if options.all else []), *rest])
    if options.run:
        return become([tool("jupyter-envs"), "run", options.run, *rest])
    activate = shlex.quote(os.path.relpath(BIN / "activate"))
    print(f"\nReady. In a terminal:  . {activate}  and then  jupyter envs --help")
    if options.no_launch:
        return 0
    print("Opening JupyterLab; press Ctrl-C to stop it.\n")
    # JupyterLab refuses to run as root unless told so; in a container that is who everybody is.
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return become([tool("jupyter"), "lab", *root, NOTEBOOKS / "first.ipynb"], NOTEBOOKS)
