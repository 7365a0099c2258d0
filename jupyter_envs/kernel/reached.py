"""Where a path that somebody typed leads, through links and `..`: into this notebook's environment, into another
environment or store of ours, or elsewhere."""

from __future__ import annotations

import os
import re
import shutil
from typing import Any, Dict, Sequence

Json = Dict[str, Any]
OURS = re.compile(r"[/\\]v1[/\\](?:e[/\\][a-z2-7]{26}|w[/\\][a-z2-7]{16}|s[/\\][0-9a-f]{8})(?=[/\\]|\Z)")
"""In the path of everything in a store that packages are in."""
BELOW_STORE = 4
"""The folder of an environment is so deep in its store: v1/e/<id>/b-<8>."""
VERSION = re.compile(r"(?:c?python@?)?(\d+(?:\.\d+)*)")


def is_own(value: str, environments: Sequence[Json], base: str = "") -> bool:
    """Whether it is the folder of one of these environments, something in it, or its Python. `base`: the folder from
    which relative paths start."""
    version = VERSION.fullmatch(value)
    if version and not os.path.exists(os.path.join(base, value)):
        wanted = version.group(1) + "."
        return any((str(environment.get("version")) + ".").startswith(wanted) for environment in environments)
    return any(_inside(path, prefix) for path in paths_of(value, base) for prefix in _prefixes(environments))


def is_ours(value: str, environments: Sequence[Json], base: str = "") -> bool:
    """Whether it is in an environment or a store of ours."""
    paths = paths_of(value, base)
    return any(map(OURS.search, paths)) or any(_inside(path, s) for path in paths for s in _stores(environments))


def paths_of(value: str, base: str = "") -> list[str]:
    """Of a path, or of a program that is found on PATH: as the system goes there, and as tools do that resolve `..`
    before they follow links. A link to a program is not followed: the Python of an environment is one."""
    plain = os.path.expanduser(value)
    found = shutil.which(plain) if os.path.basename(plain) == plain and not os.path.exists(plain) else None
    path = os.path.join(os.getcwd(), base, found or plain)
    return list(dict.fromkeys([_resolved(path), _resolved(os.path.normpath(path))]))


def _resolved(path: str) -> str:
    if not os.path.isfile(path):
        return os.path.realpath(path)
    folder, name = os.path.split(path)
    return os.path.join(os.path.realpath(folder), name)


def _prefixes(environments: Sequence[Json]) -> list[str]:
    return [str(environment["prefix"]) for environment in environments if environment.get("prefix")]


def _stores(environments: Sequence[Json]) -> list[str]:
    found = []
    for prefix in filter(OURS.search, _prefixes(environments)):
        for _ in range(BELOW_STORE):
            prefix = os.path.dirname(prefix)
        found.append(prefix)
    return found


def _inside(path: str, folder: str) -> bool:
    roots = {os.path.normcase(root.rstrip(os.sep)) for root in (folder, os.path.realpath(folder))}
    path = os.path.normcase(path)
    return any(path == root or path.startswith(root + os.sep) for root in roots)
