"""Makes jupyter_envs/kernel/modules.txt: which package brings which module. For whoever prepares a release.

    python tools/module_table.py --modules DATABASE --ranking FILE

DATABASE: what the wheel of pigar has as `pigar/.db.sqlite3` (BSD-3-Clause; its notice is in modules.LICENSE): the names
of all modules of 650,000 packages. FILE: the most downloaded packages, `name<TAB>rank` a line, or names alone with the
most downloaded first. Nothing is asked of an index."""

from __future__ import annotations

import argparse
import re
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from packaging.utils import canonicalize_name

from jupyter_envs.kernel.module_names import GENERIC, NAMESPACE, TABLE, canonical

MOST = 15_000
SHARED = 4
"""So many packages that have a name in common make it a namespace, unless the most downloaded has that very name."""
STRAYS = 12
"""Modules of a package of which none has a name like its own: with more than these it is no evidence for any."""
HEAD = (
    "# Made by tools/module_table.py from data of pigar: see modules.LICENSE.\n"
    "# module, package that brings it (none: the one of the same name; a dot: a namespace).\n"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--modules", type=Path, required=True)
    parser.add_argument("--ranking", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=Path(TABLE))
    args = parser.parse_args()
    ranks = dict(ranking(args.ranking.read_text(encoding="utf-8").splitlines()))
    lines = sorted(table(list(packages(args.modules, ranks)), ranks))
    args.output.write_text(HEAD + "\n".join(lines), encoding="ascii")


def ranking(lines: Iterable[str]) -> Iterator[tuple[str, int]]:
    for number, line in enumerate(lines, 1):
        name, _, rank = line.strip().partition("\t")
        place = int(rank) if rank.isdecimal() else number
        if name and place <= MOST:
            yield str(canonicalize_name(name)), place


def packages(database: Path, ranks: Mapping[str, int]) -> Iterator[tuple[str, set[str]]]:
    found: dict[str, set[str]] = defaultdict(set)
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as opened:
        rows = opened.execute(
            "select d.name, t.name from distributions d join top_level_module_names t on t.distribution_id = d.id"
        )
        for name, module in rows:
            package = str(canonicalize_name(name))
            if package in ranks and re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", module):
                found[package].add(module)
    yield from found.items()


def table(found: list[tuple[str, set[str]]], ranks: Mapping[str, int]) -> Iterator[str]:
    owners: dict[str, list[str]] = defaultdict(list)
    for package, modules in found:
        for module in evident(package, modules):
            owners[module].append(package)
    for module, names in owners.items():
        if module.lower() in GENERIC or module in sys.stdlib_module_names:
            continue
        best = min(names, key=lambda name: ranks[name])
        if best != canonical(module) and len(list(parts(module, names))) >= SHARED:
            yield f"{module}\t{NAMESPACE}"
            yield from parts(module, names)
            continue
        yield module if canonical(module) == best else f"{module}\t{best}"


def evident(package: str, modules: set[str]) -> set[str]:
    """Without what lies in its wheel by mistake: of a package that has a module of its own name, those whose names are
    quite different."""
    own = {module for module in modules if alike(package, module)}
    return own or (modules if len(modules) <= STRAYS else set())


def alike(package: str, module: str) -> bool:
    one, other = bare(package), bare(module)
    start = len(other) if len(other) < 4 else 4
    return bool(other) and (other in one or one in other or one[:start] == other[:start])


def bare(name: str) -> str:
    letters = re.sub(r"[^a-z0-9]", "", name.lower())
    return re.sub(r"^(?:python|py)(?=.)|(?<=.)(?:python|py)$", "", letters.replace("python", "") or letters)


def parts(module: str, names: list[str]) -> Iterator[str]:
    """`google-cloud-storage` is what brings `google.cloud.storage`, since it brings a part of `google`."""
    start = canonical(module) + "-"
    for name in names:
        if name.startswith(start):
            yield f"{module}.{name[len(start) :].replace('-', '.')}\t{name}"


if __name__ == "__main__":
    main()
