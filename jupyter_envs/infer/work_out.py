"""From a notebook to a proposal: reads it, and the modules beside it; runs nothing, asks nobody, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from ..dialects.cell_lines import read_in as lines_in
from ..dialects.cells import sources
from ..dialects.found import Found
from ..dialects.table import beside, dialect_of
from ..errors import InputError
from ..kernel.foreign import quoted
from ..model.requirement import Requirement, requirement_of
from .dates import Dated, date_of, python_of
from .imports import Import, Seen, of_cells
from .local import Around, Local
from .names import Installed, Named, Names
from .needs import ELSEWHERE, PROGRAMS, hidden
from .proposal import Entry, Proposal, Unknown
from .standard_library import PYTHON_2, in_standard_library, last_python
from .versions import versions_in

WITH_EVERY_KERNEL = {"IPython", "ipykernel", "__main__"}
FEW = 10
LONGEST = 100_000
"""Characters of a cell whose aliases are looked for."""


def work_out(
    content: Mapping[str, Any],
    file: Path | None,
    *,
    installed: Installed = lambda module: (),
    day: date | None = None,
    today: date | None = None,
) -> Proposal:
    """`file`: the notebook's, absolute; `installed`: as in names.py; `day`: as the user says it."""
    seen = of_cells((f"cell {number}", text) for number, text in sources(content))
    folder = file.parent if file else None
    lines = lines_in(content, folder)
    neighbours, told = _beside(folder) if folder else ([], [])
    names = Names(installed, dict(_listed(lines, neighbours)))
    around = Around(folder, seen.paths, lambda top: names.find(top) is not None)
    local, inner = around.follow(seen.imports)
    imports = [each for each in (*seen.imports, *inner) if _is_foreign(each, local, seen)]
    entries, unknown = _entries(imports, names, local)
    entries = _with_lines(entries, lines)
    entries += _hidden(entries, seen)
    python = python_of(_metadata(content))
    shown = {name: entry.requirement.name for entry in entries for name in (*_heads(entry), entry.requirement.name)}
    return Proposal(
        tuple(entries),
        tuple(unknown),
        {top: each.path for top, each in sorted(local.items()) if not _own_library(top, each, names)},
        python,
        Dated(day, "as you say") if day else date_of(content, file, today or date.today()),
        library=any(_own_library(top, each, names) for top, each in local.items()),
        pins=versions_in(content, shown | _aliases(content, shown)),
        lines=lines,
        notes=(*_of_conda(lines), *_notes(seen, imports), *told),
    )


def _is_foreign(each: Import, local: Mapping[str, Local], seen: Seen) -> bool:
    if each.top in WITH_EVERY_KERNEL or in_standard_library(each.top) or each.top in seen.written:
        return False
    return each.top not in local or local[each.top].project is not None


def _own_library(top: str, local: Local, names: Names) -> bool:
    """Whether it is of a project that an index has, by the name that the project itself has."""
    named = names.find(top) if local.project else None
    return named is not None and named.package == canonicalize_name(local.project or "")


def _entries(imports: Iterable[Import], names: Names, local: Mapping[str, Local]) -> tuple[list[Entry], list[Unknown]]:
    found: dict[str, Entry] = {}
    unknown: dict[str, Unknown] = {}
    for each in imports:
        elsewhere = next((why for name, why in ELSEWHERE.items() if f"{each.module}.".startswith(f"{name}.")), None)
        if elsewhere:
            unknown.setdefault(each.top, Unknown(each.module, each.where, elsewhere))
            continue
        near = local.get(each.top)
        if near and not _own_library(each.top, near, names):
            continue
        named = names.find(each.module)
        if named is None:
            unknown.setdefault(each.top, Unknown(each.top, each.where))
            continue
        found[named.package] = _joined(found.get(named.package), each, named)
    return list(found.values()), list(unknown.values())


def _joined(before: Entry | None, each: Import, named: Named) -> Entry:
    if before is None:
        return Entry(Requirement(named.package), named.why, each.where, (each.module,), each.optional)
    modules = before.modules if each.module in before.modules else (*before.modules, each.module)
    return replace(before, modules=modules, optional=before.optional and each.optional)


def _heads(entry: Entry) -> Iterator[str]:
    for module in entry.modules:
        parts = module.split(".")
        yield from (".".join(parts[: number + 1]) for number in range(len(parts)))


def _with_lines(entries: list[Entry], lines: Found | None) -> list[Entry]:
    """What a line of pip asks for is asked for, with the versions that it says."""
    if lines is None:
        return entries
    asked = {item.name: item for item in lines.requirements}
    own = list[Entry]()
    for entry in entries:
        item = asked.pop(entry.requirement.name, None)
        why = f"{entry.why}, and a line installs it"
        own.append(replace(entry, requirement=item, optional=False, why=why) if item else entry)
    return [*own, *(Entry(item, "a line in a cell installs it") for item in asked.values())]


def _hidden(entries: Iterable[Entry], seen: Seen) -> list[Entry]:
    entries = list(entries)
    modules = {module for entry in entries for module in entry.modules}
    there = {entry.requirement.name: entry for entry in entries if not entry.optional}
    more = list[Entry]()
    for package, where, why in hidden(modules, seen.uses):
        item = requirement_of(package)
        if item.name not in there or item.extras:
            more.append(Entry(item, why, where))
    return more


def _of_conda(lines: Found | None) -> Iterator[str]:
    if lines and lines.conda:
        names = ", ".join(lines.conda.dependencies[:FEW])
        yield f"Its lines ask conda for {names}; only what its code imports is taken, and from the index."


def _listed(lines: Found | None, neighbours: Iterable[Found]) -> Iterator[tuple[str, str]]:
    for each in neighbours:
        names = [*(item.name for item in each.requirements), *(pin.name for pin in each.pins)]
        yield from ((name, each.where) for name in names)
    if lines:
        yield from ((item.name, "a line of pip") for item in lines.requirements)


def _beside(folder: Path) -> tuple[list[Found], list[str]]:
    """What files beside the notebook list: evidence for names, and what a user may want to take over instead."""
    found, notes = list[Found](), list[str]()
    try:
        files = list(beside(folder))[:FEW]
    except OSError:
        return [], []
    for file in files:
        try:
            each = dialect_of(file).read(file, ())
        except InputError:
            continue
        found.append(each)
        if not each.empty:
            take = f"jupyter envs import NOTEBOOK {quoted(file.name)}"
            notes.append(f"{file.name} beside it lists packages; to take it over: {take}")
    return found, notes


def _aliases(content: Mapping[str, Any], shown: Mapping[str, str]) -> dict[str, str]:
    """`np` of `import numpy as np`: `np.__version__` tells a version."""
    import re

    found: dict[str, str] = {}
    for _, text in sources(content):
        if len(text) > LONGEST:
            continue
        for module, alias in re.findall(r"^[ \t]*import[ \t]+([\w.]+)[ \t]+as[ \t]+(\w+)", text, re.M):
            if module in shown:
                found[alias] = shown[module]
    return found


def _notes(seen: Seen, imports: Iterable[Import]) -> Iterator[str]:
    if seen.unread:
        places = list(dict.fromkeys(seen.unread))
        more = f" and {len(places) - FEW} more" if len(places) > FEW else ""
        yield f"{', '.join(places[:FEW])}{more}: no Python 3, or too long; only lines that import something were read."
    old = sorted({each.top for each in seen.imports if each.top in PYTHON_2 and not each.optional})
    if old:
        yield f"{', '.join(old)}: only Python 2 has them, and no environment here runs that."
    for top in sorted({each.top for each in seen.imports if last_python(each.top) and not each.optional}):
        yield f"{top} is in Python {last_python(top)} and older alone."
    for top in sorted({each.top for each in imports} & PROGRAMS.keys()):
        yield f"{top} also needs {PROGRAMS[top]}, which no index has."


def _metadata(content: Mapping[str, Any]) -> Mapping[str, Any]:
    value = content.get("metadata")
    return value if isinstance(value, Mapping) else {}
