"""`pip list`, `freeze`, `show` and `%env-export`: what an environment contains, without starting a process."""

from __future__ import annotations

import importlib.metadata
from typing import Any, Dict, Iterator, Mapping, Sequence

Json = Dict[str, Any]
FIELDS = ("Name", "Version", "Summary", "Home-page", "Author", "License")


def lines(verb: str, names: Sequence[str], environment: Json | None) -> Iterator[str]:
    packages: Mapping[str, str] = (environment or {}).get("packages") or {}
    if verb == "freeze":
        yield from (f"{name}=={packages[name]}" for name in sorted(packages))
    elif verb == "show":
        yield from show(names, (environment or {}).get("site") or [], packages)
    else:
        width = max([len(name) for name in packages] + [7])
        yield "{}  Version".format("Package".ljust(width))
        yield "{}  {}".format("-" * width, "-" * 7)
        yield from (f"{name.ljust(width)}  {packages[name]}" for name in sorted(packages))


def show(names: Sequence[str], site: Sequence[str], packages: Mapping[str, str]) -> Iterator[str]:
    for name in names:
        found = list(importlib.metadata.distributions(name=name, path=list(site)))
        if not found:
            yield f"{name} is not installed in this environment."
            continue
        metadata = dict(found[0].metadata.items())  # type: ignore[attr-defined,unused-ignore]  # it is a Message
        for field in FIELDS:
            if metadata.get(field):
                yield from f"{field}: {metadata.get(field)}".splitlines()
        yield f"Location: {site[0]}"
        yield "Requires: {}".format(", ".join(requires(found[0])))


def requires(found: importlib.metadata.Distribution) -> list[str]:
    return [text for text in found.requires or () if "extra ==" not in text]


def requirements(block: Json | None, environment: Json | None) -> Iterator[str]:
    """requirements.txt of the block's lock, with hashes, as pip and uv read it."""
    lock = (block or {}).get("lock") or {}
    for row in lock.get("packages") or ():
        if row.get("directory"):
            yield "# {name} {version} comes from a folder on the machine that made the lock.".format(**row)
            continue
        marker = " ; {}".format(row["marker"]) if row.get("marker") else ""
        files = list((row.get("wheels") or {}).values()) + list((row.get("sdist") or {}).values())
        hashes = sorted({"--hash=sha256:{}".format(file["sha256"]) for file in files})
        *first, last = [pinned(row) + marker, *(f"    {text}" for text in hashes)]
        yield from (f"{text} \\" for text in first)
        yield last
    if not lock:
        yield from lines("freeze", (), environment)


def pinned(row: Json) -> str:
    source = row.get("vcs")
    if source and source.get("type") == "git":
        folder = "#subdirectory={}".format(source["subdirectory"]) if source.get("subdirectory") else ""
        return "{} @ git+{}@{}{}".format(row["name"], source["url"], source.get("commit-id"), folder)
    if source:
        return "{} @ {}#sha256={}".format(row["name"], source["url"], source.get("sha256"))
    return "{}=={}".format(row["name"], row["version"])
