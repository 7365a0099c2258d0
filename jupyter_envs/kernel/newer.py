"""`pip list --outdated`, `pip index versions` and `pip hash`, as pip prints them. Our command line asks the indexes."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any, Dict, Mapping, NamedTuple, Sequence

from .distributions import Installed
from .orders import NETWORK, Order, name_of, resolve_path

Json = Dict[str, Any]
BLOCK = 1 << 20
ALGORITHM = "algorithm="


class Newer(NamedTuple):
    """What the indexes say. `packages`: those with a newer version, by canonical name, as uv describes them; `versions`
    of one package, the newest first."""

    packages: Mapping[str, Json] = {}
    versions: Sequence[str] = ()


def question(order: Order, environment: Json | None) -> list[str]:
    """Words for our command line (cli/lookup.py)."""
    passed = [resolve_path(word, os.getcwd()) for word in order.options if word.startswith(("--offline", *NETWORK))]
    passed += ["--pre"] if "pre" in order.options else []
    if order.verb == "index":
        return ["lookup", *passed, "--of", str((environment or {}).get("version") or ""), "--", *order.names]
    return ["lookup", *passed, "--of", str((environment or {}).get("python") or "")]


def reading(order: Order, text: str) -> Newer:
    """Of what it answers. Raises ValueError."""
    rows: list[Any] = json.loads(text)
    if order.verb == "index":
        return Newer(versions=[str(version) for version in rows])
    return Newer({name_of(str(row["name"])): row for row in rows})


def latest(packages: Sequence[Installed], newer: Newer) -> tuple[list[str], list[str]]:
    """Two columns more."""
    rows = [newer.packages[package.canonical] for package in packages]
    return [str(row.get("latest_version")) for row in rows], [str(row.get("latest_filetype")) for row in rows]


def versions(order: Order, packages: Sequence[Installed], newer: Newer) -> tuple[list[str], list[str], int]:
    """Lines, complaints, exit code."""
    name, found = order.names[0], list(newer.versions)
    if not found:
        return [], [f"ERROR: No matching distribution found for {name}"], 1
    here = next((package.version for package in packages if package.canonical == name_of(name)), "")
    if "format=json" in order.arguments:
        value = {"name": name, "versions": found, "latest": found[0]}
        return [json.dumps(dict(value, installed_version=here) if here else value)], [], 0
    lines = [f"{name} ({found[0]})", "Available versions: " + ", ".join(found)]
    if here == found[0]:
        lines.append(f"  INSTALLED: {here} (latest)")
    elif here:
        lines += [f"  INSTALLED: {here}", f"  LATEST:    {found[0]}"]
    return lines, [], 0


def hashes(order: Order) -> tuple[list[str], list[str], int]:
    """Lines, complaints, exit code."""
    said = [word for word in order.options if word.startswith(ALGORITHM)]
    algorithm = said[-1][len(ALGORITHM) :] if said else "sha256"
    lines: list[str] = []
    for path in order.names:
        try:
            with open(os.path.expanduser(path), "rb") as file:
                made = hashlib.new(algorithm)
                for block in iter(lambda: file.read(BLOCK), b""):
                    made.update(block)
        except OSError as error:
            return lines, [f"ERROR: {path} cannot be read: {error.strerror}."], 1
        lines += [f"{path}:", f"--hash={algorithm}:{made.hexdigest()}"]
    return lines, [], 0
