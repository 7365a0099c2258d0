"""PEP 723: what a script, or a cell of a notebook, says about itself in a comment. juv keeps the lock beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from ..errors import InputError
from ..model.lock import Lock
from ..model.spec import Spec
from .cells import Content, metadata_of, sources
from .found import Found, Written
from .juv_lock import with_lock
from .text_file import text_of
from .toml_file import loads
from .tool_uv import listed, refuse, table, with_settings
from .unsaid import asked_for, unsaid

NAME = "PEP 723"
JUV = "juv"
FILE = "script.py"
SAYS = frozenset({"list", "python", "indexes", "exclude-newer", "overrides"})
LOCK = "uv.lock"
BEGIN, END = "# /// script", "# ///"


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Raises InputError that says the file; `nothing-found` for a script without such a comment."""
    found = read_text(text_of(path), path.name)
    if found is None:
        raise InputError(
            "nothing-found", f"{path.name} does not say which packages it needs: it has no comment `{BEGIN}`."
        )
    return found


def read_in(content: Content, base: Path | None = None) -> Found | None:
    """Of the cell that has one. Raises InputError."""
    said = [
        (found, number)
        for number, source in sources(content, ("code", "raw"))
        if BEGIN in source and (found := read_text(source, f"cell {number}"))
    ]
    if not said:
        return None
    if len(said) > 1:
        refuse(f"cell {said[1][1]}", f"has a second comment `{BEGIN}`: the first one is in cell {said[0][1]}")
    found, lock = replace(said[0][0], dialect=JUV), metadata_of(content).get(LOCK)
    if lock is None:
        return found
    return with_lock(found, lock)


def read_text(text: str, where: str) -> Found | None:
    """Raises InputError that says where."""
    block = comment_in(text, where)
    if block is None:
        return None
    value = loads(block, where)
    python = value.get("requires-python")
    if python is not None and not isinstance(python, str):
        refuse(f"{where}: requires-python", "is not text")
    notes = [
        f"{where}: {key} is not taken over."
        for key in sorted(value.keys() - {"requires-python", "dependencies", "tool"})
    ]
    found = Found(
        NAME,
        where,
        requires_python=python or None,
        requirements=listed(value.get("dependencies", []), f"{where}: dependencies"),
        notes=tuple(notes),
    )
    tools = table(value.get("tool", {}), f"{where}: tool")
    return with_settings(found, tools.get("uv"))


def comment_in(text: str, where: str) -> str | None:
    """The TOML in the comment `# /// script`; None where there is none. Raises InputError for a second one."""
    found: list[str] = []
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        at += 1
        if lines[at - 1].rstrip() != BEGIN:
            continue
        end = at
        while end < len(lines) and (lines[end] == "#" or lines[end].startswith("# ")):
            end += 1
        close = next((i for i in range(end - 1, at - 1, -1) if lines[i].rstrip() == END), None)
        if close is not None:
            found.append("".join(f"{line[2:]}\n" for line in lines[at:close]))
        at = end if close is None else close + 1
    if len(found) > 1:
        refuse(where, f"has two comments `{BEGIN}`")
    return found[0] if found else None


def write(spec: Spec, lock: Lock | None, urls: Mapping[str, str]) -> Written:
    """The comment at the top of a script, or in the first cell of a notebook."""
    import tomli_w

    settings: dict[str, object] = {}
    named = {name: packages for name, packages in spec.indexes.items() if packages}
    if missing := sorted(named.keys() - urls.keys()):
        raise InputError(
            "index-not-configured", f"The notebook takes {', '.join(named[missing[0]])} from the index {missing[0]!r}, "
            "which is not in your configuration: a script has to name its address.",
            hint="Add it to your uv.toml.",
        )  # fmt: skip
    if named:
        settings["index"] = [{"name": name, "url": urls[name], "explicit": True} for name in sorted(named)]
        settings["sources"] = {package: {"index": name} for name in sorted(named) for package in named[name]}
    if spec.exclude_newer:
        settings["exclude-newer"] = spec.exclude_newer
    if spec.overrides:
        settings["override-dependencies"] = list(spec.overrides)
    value: dict[str, object] = {"requires-python": spec.requires_python} if spec.requires_python else {}
    value["dependencies"] = [item.with_source for item in asked_for(spec, lock)]
    if settings:
        value["tool"] = {"uv": settings}
    body = "".join(f"# {line}".rstrip() + "\n" for line in tomli_w.dumps(value).splitlines())
    return Written(f"{BEGIN}\n{body}{END}\n", unsaid(spec, lock, urls, SAYS))
