"""`python -m benchmarks [open new cold install many store cli] [--rounds N]`, in the Python where jupyter_envs is
installed.

Prints a table in Markdown, and on stderr how far it is; docs/benchmarks.md holds one."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from importlib import import_module

from .place import delete_aside, settle

NAMES = ("open", "new", "cold", "install", "many", "store", "cli")
HEAD = ("", "here", "against", "there", "ratio", "must be", "better")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="|".join(NAMES))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    settle()
    print(
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, ",
        end="",
    )
    print(f"{options.rounds} rounds; median (fastest to slowest)\n")
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}", flush=True)
    for name in options.names or NAMES:
        for result in import_module(f"benchmarks.bench_{name}").run(options.rounds):
            print(f"| {' | '.join(result.row())} |", flush=True)
    delete_aside()
    return 0


if __name__ == "__main__":
    sys.exit(main())
