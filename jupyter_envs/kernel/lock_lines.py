"""A lock as the lines of a requirements.txt, with hashes, as pip and uv read it."""

from __future__ import annotations

from typing import Any, Dict, Iterator

Json = Dict[str, Any]


def lock_lines(lock: Json) -> Iterator[str]:
    """`lock`: as it stands in a block."""
    for row in lock.get("packages") or ():
        if row.get("directory"):
            yield "# {name} {version} comes from a folder on the machine that made the lock.".format(**row)
            continue
        files = list((row.get("wheels") or {}).values()) + list((row.get("sdist") or {}).values())
        hashes = sorted({"--hash=sha256:{}".format(file["sha256"]) for file in files})
        *first, last = [conditional(row), *(f"    {text}" for text in hashes)]
        yield from (f"{text} \\" for text in first)
        yield last


def conditional(row: Json) -> str:
    """`demo==2.0 ; sys_platform == "win32"`."""
    return pinned(row) + (" ; {}".format(row["marker"]) if row.get("marker") else "")


def pinned(row: Json) -> str:
    source = row.get("vcs")
    if source and source.get("type") == "git":
        folder = "#subdirectory={}".format(source["subdirectory"]) if source.get("subdirectory") else ""
        return "{} @ git+{}@{}{}".format(row["name"], source["url"], source.get("commit-id"), folder)
    if source:
        return "{} @ {}#sha256={}".format(row["name"], source["url"], source.get("sha256"))
    return "{}=={}".format(row["name"], row["version"])
