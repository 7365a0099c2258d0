"""Versions that a notebook shows: in what pip printed, in what `watermark` and `__version__` show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ..dialects.cells import sources
from ..dialects.found import Pin

LONGEST = 1_000_000
"""Characters of outputs that are read."""
LONGEST_LINE, LONGEST_WORD = 20_000, 200
NUMBER = r"(\d+(?:\.\d+)+(?:\.?(?:a|b|rc|post|dev)\d+)?)"
INSTALLED = "Successfully installed "
PAIR = re.compile(r"([A-Za-z0-9][\w.-]*)-" + NUMBER)
THERE = re.compile(r"Requirement already satisfied: ([\w.-]+)[^(]*(?:\([^()]*\) )?\(" + NUMBER + r"\)")
LISTED = re.compile(r"([A-Za-z][\w.-]*)(?:\s+version)?(?:\s*==\s*|\s*:\s*|\s+)" + NUMBER, re.I)
ASKED = re.compile(r"\b([A-Za-z_]\w{0,60})\.__version__")
BARE = re.compile(r"['\"]?" + NUMBER + r"['\"]?")


def versions_in(content: Mapping[str, Any], packages: Mapping[str, str]) -> tuple[Pin, ...]:
    """Of these packages: module or other name as it is shown -> package. Of several, the last."""
    found: dict[str, Pin] = {}
    left = LONGEST
    cells = content.get("cells")
    for cell in cells if isinstance(cells, list) else ():
        if not isinstance(cell, dict):
            continue
        source = next((text for _, text in sources({"cells": [cell]})), "")
        text = "\n".join(_outputs(cell))[: max(left, 0)]
        left -= len(text)
        for name, version in _shown(source, text):
            package = packages.get(name) or packages.get(str(canonicalize_name(name)))
            if package and _is_version(version):
                found[package] = Pin(package, version)
    return tuple(found.values())


def _shown(source: str, text: str) -> Iterator[tuple[str, str]]:
    for line in map(str.strip, text.splitlines()):
        if line.startswith(INSTALLED) and len(line) <= LONGEST_LINE:
            pairs = (PAIR.fullmatch(word) for word in line.split() if len(word) <= LONGEST_WORD)
            yield from ((pair[1], pair[2]) for pair in pairs if pair)
        elif len(line) <= LONGEST_WORD and (found := THERE.fullmatch(line) or LISTED.fullmatch(line)):
            yield found[1], found[2]
    asked = ASKED.findall(source) if "__version__" in source and len(source) <= LONGEST_LINE else []
    if len(asked) == 1 and (bare := BARE.fullmatch(text.strip()[:LONGEST_WORD])):
        yield asked[0], bare[1]


def _outputs(cell: Mapping[str, Any]) -> Iterator[str]:
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        if not isinstance(output, dict):
            continue
        data = output.get("data")
        value = output.get("text") or (data.get("text/plain") if isinstance(data, dict) else None)
        text = "".join(part for part in value if isinstance(part, str)) if isinstance(value, list) else value
        if isinstance(text, str):
            yield text[:LONGEST]


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True
