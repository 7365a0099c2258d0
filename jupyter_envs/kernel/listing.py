"""`pip list`, `freeze`, `show`, `check` and `%env-export`: what an environment contains, in the formats of pip, which
programs read, and without starting a process."""

from __future__ import annotations

import json
import sys
from typing import Any, Dict, Iterator, List, NamedTuple, Sequence, Tuple

from . import describing
from .distributions import Installed, editable_lines, installed, needs, place_of
from .lock_lines import lock_lines, pinned
from .newer import Newer, hashes, latest, versions
from .orders import Order, name_of
from .screen import KEEPS

Json = Dict[str, Any]
Columns = Tuple[List[str], List[str]]
NOTHING = Newer()
TOOLS = {"pip"}
BUILD_TOOLS = {"setuptools", "distribute", "wheel"}
"""Not in `pip freeze`, with a Python that brings them."""


class Answer(NamedTuple):
    """`complaints` are for stderr; `code` is the exit code of pip."""

    lines: Sequence[str]
    complaints: Sequence[str] = ()
    code: int = 0


def answer(
    order: Order,
    environment: Json | None,
    block: Json | None = None,
    restart: str | None = "",
    newer: Newer = NOTHING,
) -> Answer:
    """`block`: whose lock says where packages come from that are not from an index. `restart`: what a restart would do,
    since the notebook has other packages by now than what is listed. `newer`: what the indexes say, if it was asked."""
    if order.verb == "hash":
        return Answer(*hashes(order))
    found = _answer(order, environment, block, newer)
    return found._replace(complaints=[*found.complaints, KEEPS.format(restart)]) if restart else found


def _answer(order: Order, environment: Json | None, block: Json | None, newer: Newer) -> Answer:
    packages = installed(environment)
    if order.verb == "show":
        return Answer(*describing.show(order, packages, environment))
    if order.verb == "index":
        return Answer(*versions(order, packages, newer))
    if order.verb == "check":
        lines = list(broken(packages, environment))
        return Answer(lines or ["No broken requirements found."], code=1 if lines else 0)
    chosen = list(_chosen(order, packages, environment))
    if order.verb == "freeze":
        hidden = set() if "all" in order.arguments else TOOLS | (BUILD_TOOLS if _old(environment) else set())
        chosen = [package for package in chosen if package.canonical not in hidden]
        return Answer(freeze(chosen, block))
    form = next((word[7:] for word in order.arguments if word.startswith("format=")), "columns")
    if "uptodate" in order.arguments:
        chosen = [package for package in chosen if package.canonical not in newer.packages]
    if form == "freeze":
        return Answer(as_freeze(chosen, order.verbose))
    write = as_json if form == "json" else as_columns
    if "outdated" in order.arguments:
        chosen = [package for package in chosen if package.canonical in newer.packages]
        return Answer(write(chosen, order.verbose, latest(chosen, newer)))
    return Answer(write(chosen, order.verbose))


def _old(environment: Json | None) -> bool:
    version = str((environment or {}).get("version") or "{}.{}".format(*sys.version_info)).split(".")
    return [int(number) for number in version[:2]] < [3, 12]


def _chosen(order: Order, packages: Sequence[Installed], environment: Json | None) -> Iterator[Installed]:
    words = order.arguments
    left_out = {name_of(word[8:]) for word in words if word.startswith("exclude=")}
    if "not-required" in words:
        with needs(environment) as known:
            left_out |= {name_of(item.name) for package in packages for item in known.of(package)}
    for package in packages:
        editable = bool(package.editable) if {"editable", "exclude-editable"} & set(words) else False
        wanted = editable or "editable" not in words
        if package.canonical not in left_out and wanted and not (editable and "exclude-editable" in words):
            yield package


def as_json(packages: Sequence[Installed], verbose: bool, newest: Columns | None = None) -> list[str]:
    rows = []
    for number, package in enumerate(packages):
        row = {"name": package.name, "version": package.version}
        if verbose:
            row.update(location=package.folder, installer=package.installer)
        if newest:
            row.update(latest_version=newest[0][number], latest_filetype=newest[1][number])
        if package.editable:
            row.update(editable_project_location=package.editable)
        rows.append(row)
    return [json.dumps(rows)]


def as_freeze(packages: Sequence[Installed], verbose: bool) -> list[str]:
    return [f"{package.name}=={package.version}" + (f" ({package.folder})" if verbose else "") for package in packages]


def as_columns(packages: Sequence[Installed], verbose: bool, newest: Columns | None = None) -> list[str]:
    if not packages:
        return []
    columns = [("Package", [p.name for p in packages]), ("Version", [p.version for p in packages])]
    columns += [("Latest", newest[0]), ("Type", newest[1])] if newest else []
    for title, values in (
        ("Build", [p.build for p in packages]),
        ("Editable project location", [p.editable for p in packages]),
    ):
        columns += [(title, values)] if any(values) else []
    if verbose:
        columns += [("Location", [p.folder for p in packages]), ("Installer", [p.installer for p in packages])]
    widths = [max(map(len, [title, *values])) for title, values in columns]
    rows = [
        [title for title, _ in columns],
        ["-" * width for width in widths],
        *zip(*(values for _, values in columns)),
    ]
    return [" ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in rows]


def freeze(packages: Sequence[Installed], block: Json | None) -> list[str]:
    rows = {row["name"]: row for row in ((block or {}).get("lock") or {}).get("packages") or () if row.get("vcs")}
    lines: list[str] = []
    for package in sorted(packages, key=lambda each: each.name.lower()):
        row = rows.get(package.canonical)
        if package.editable:
            lines += editable_lines(package)
        elif row and row["version"] == package.version:
            lines.append(pinned(dict(row, name=package.name)))
        else:
            lines.append(place_of(package) or f"{package.name}=={package.version}")
    return lines


def broken(packages: Sequence[Installed], environment: Json | None) -> Iterator[str]:
    """As `pip check` says it."""
    there = {package.canonical: package for package in packages}
    missing, conflicting = [], []
    with needs(environment) as known:
        for package in packages:
            for item in sorted(known.of(package), key=str):
                name = name_of(item.name)
                if name not in there:
                    missing.append(f"{package.canonical} {package.version} requires {name}, which is not installed.")
                elif not item.specifier.contains(there[name].version, prereleases=True):
                    conflicting.append(
                        f"{package.canonical} {package.version} has requirement {item}, "
                        f"but you have {name} {there[name].version}."
                    )
    yield from dict.fromkeys([*missing, *conflicting])


def requirements(block: Json | None, environment: Json | None) -> Iterator[str]:
    """requirements.txt of the block's lock, with hashes; without a lock, of what is installed."""
    lock = (block or {}).get("lock") or {}
    yield from lock_lines(lock)
    if not lock:
        packages = (environment or {}).get("packages") or {}
        yield from (f"{name}=={packages[name]}" for name in sorted(packages))
