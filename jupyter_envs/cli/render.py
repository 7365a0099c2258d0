"""Results as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.version import InvalidVersion, Version

from ..kernel.amounts import count
from ..kernel.foreign import quoted
from ..model.block import EMPTY

if TYPE_CHECKING:
    from ..environments.outcome import Outcome
    from ..environments.status import Status
    from ..model.block import Block

SHOWN = 8
"""How many of a kind are named; the rest are counted."""


def change_lines(change: Outcome, before: Block | None = None, asked: Iterable[str] = ()) -> list[str]:
    """`+ pandas 3.1.1 (+ 5 more)  0.3 s`, `~ numpy 2.5.4 → 2.5.5`, `- six 1.17.0`; what was asked for comes first.
    `before` is the block that was changed."""
    seconds = f"{change.seconds:.1f} s"
    first = set(asked) or set(change.block.spec.names)
    python = _python(before, change.block)
    if not change.changed and not python:
        return [_nothing(change, before, asked, seconds)]
    added = {name: str(new) for name, (old, new) in change.changed.items() if old is None}
    gone = {name: str(old) for name, (old, new) in change.changed.items() if new is None}
    moved = {name: (str(old), str(new)) for name, (old, new) in change.changed.items() if old and new}
    lines = [*python, *_counted("+", added, first), *_counted("-", gone, first)]
    for name in sorted(moved, key=lambda name: name not in first)[:SHOWN]:
        old, new = moved[name]
        lines.append(f"~ {name} {old} → {new}{'  (older)' if _older(new, old) else ''}")
    if len(moved) > SHOWN:
        lines.append(f"~ {len(moved) - SHOWN} more")
    lines[0] += f"  {seconds}"
    return lines


def _python(before: Block | None, after: Block) -> list[str]:
    if before is None or before.lock is None or after.lock is None or before.lock.minor == after.lock.minor:
        return []
    return [f"~ Python {before.lock.minor} → {after.lock.minor}"]


def _nothing(change: Outcome, before: Block | None, asked: Iterable[str], seconds: str) -> str:
    versions = _versions(change)
    there = ", ".join(f"{name} {versions[name]}" for name in sorted(asked) if name in versions) or "Everything"
    if change.block.lock is None and change.block.asks:
        return f"The notebook records the list; nothing is locked yet.  {seconds}"
    if change.block.lock and (before is None or before.lock is None):
        rows = count(len(change.block.lock.packages), "package")
        return f"Locked: Python {change.block.lock.minor}, {rows}. All of it is here already.  {seconds}"
    if change.block.spec != (before or EMPTY).spec:
        return f"No package had to change; the notebook records the new requirements.  {seconds}"
    return f"{there} is already installed; nothing had to change.  {seconds}"


def _versions(change: Outcome) -> dict[str, str]:
    """What is here. A lock may have another version of a package for another system; without an environment nobody
    here says which is which."""
    found: dict[str, set[str]] = {}
    for row in change.block.lock.packages if change.block.lock else ():
        found.setdefault(row.name, set()).add(row.version)
    known = {name: next(iter(versions)) for name, versions in found.items() if len(versions) == 1}
    return known | (change.environment.packages if change.environment else {})


def held_line(change: Outcome, asked: Iterable[str]) -> str:
    """What should be upgraded, but is asked for in one version: `demo is pinned to ==1.0.` Empty if there is none."""
    names = (set(asked) or set(change.block.spec.names)) - change.changed.keys()
    versions = _versions(change)
    held = [
        f"{item.name} is pinned to {item.specifier}"
        for item in change.block.spec.requirements
        if item.name in names
        and any(part.operator in ("==", "===") for part in item.specifier)
        and (version := versions.get(item.name))
        and item.specifier.contains(version, prereleases=True)
    ]
    return f"{', '.join(held)}." if held else ""


def _counted(sign: str, versions: dict[str, str], first: set[str]) -> list[str]:
    if not versions:
        return []
    named = sorted(name for name in versions if name in first) or sorted(versions)[:1]
    shown = ", ".join(f"{name} {versions[name]}" for name in named[:SHOWN])
    rest = len(versions) - len(named[:SHOWN])
    return [f"{sign} {shown}" + (f" ({sign} {rest} more)" if rest else "")]


def _older(new: str, old: str) -> bool:
    try:
        return Version(new) < Version(old)
    except InvalidVersion:
        return False


def status_lines(status: Status, name: str) -> list[str]:
    value = status.to_dict()
    lines = [f"{name}: {status.sentence}"]
    python = value["python"]
    if python["requires"] or python["version"]:
        wanted = f"asks for {python['requires']}" if python["requires"] else ""
        none = "none on this machine fits" if status.state == "no-python" else ""  # otherwise nobody has looked
        here = f"{python['version']} ({python['path']})" if python["version"] else none
        lines.append(f"  Python   {'; '.join(filter(None, (here, wanted)))}")
    lines += [
        f"  {'asks for' if i == 0 else '        '} {item['requirement']:<28} {_version(item, python)}"
        for i, item in enumerate(value["dependencies"])
    ]
    asked = status.consent
    if status.state == "not-built" and asked:
        approved = "approved" if asked["approved"] else f"not approved yet; its digest is {asked['digest']}"
        lines.append(f"  consent  {approved}")
    lines += [f"  note     {note}" for note in status.notes]
    hint = _next_step(status, name)
    return [*lines, *([f"hint: {hint}"] if hint else [])]


def _version(item: dict[str, Any], python: dict[str, Any]) -> str:
    """Of a line of the list, or why it has none."""
    elsewhere = python["locked"] and " ; " in item["requirement"]
    return str(item["version"] or ("not for this Python or system" if elsewhere else "not locked"))


def _next_step(status: Status, name: str) -> str:
    if status.error and status.error.hint:
        return status.error.hint
    word = quoted(name)
    accept = "" if not status.consent or status.consent["approved"] else " --accept"
    steps = {
        "no-block": f"jupyter envs install {word} PACKAGE",
        "changed": f"jupyter envs lock {word}",
        "not-built": f"jupyter envs build {word}{accept}",
    }
    return steps.get(status.state, "")


def span(seconds: float) -> str:
    """A duration in the one unit that says most: `5 min`, `3 h`, `12 d`."""
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return "now"


def ago(seconds: float) -> str:
    """`3 h ago`"""
    return "just now" if seconds < 60 else f"{span(seconds)} ago"


def near(path: str, here: Path, home: Path) -> str:
    """A path in its shortest form: from the current folder, from the home folder, or in full."""
    for root, sign in ((here, ""), (home, "~/")):
        if Path(path).is_relative_to(root):
            return sign + Path(path).relative_to(root).as_posix()
    return path


def cut(text: str, width: int) -> str:
    """The end of a path says more than its beginning."""
    return text if len(text) <= width else "…" + text[len(text) - width + 1 :]


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
