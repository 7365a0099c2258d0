"""Colab and Kaggle: the lines of all cells, and what their machines have beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .cell_lines import read_in as lines_in
from .cells import Content, metadata_of, sources
from .found import Found

COLAB, KAGGLE = "Colab", "Kaggle"
GOOGLE = re.compile(r"^\s*(?:import|from)\s+google\.colab\b", re.MULTILINE)
DATA = re.compile(r"/kaggle/input/|/content/")


def read_in(content: Content, base: Path | None = None) -> Found | None:
    """None where it installs nothing, and was written elsewhere."""
    metadata = metadata_of(content)
    where = COLAB if "colab" in metadata else KAGGLE if "kaggle" in metadata else ""
    lines = lines_in(content, base)
    if not where:
        return lines
    found = lines or Found(where, "its cells")
    return replace(found, dialect=where, notes=(*found.notes, *_told(metadata, content, where)))


def _told(metadata: Mapping[str, Any], content: Content, where: str) -> Iterator[str]:
    about = metadata.get(where.lower())
    about = about if isinstance(about, Mapping) else {}
    yield f"It was written on {where}, which has several hundred packages: what it only imports is in no list."
    accelerator = str(about.get("accelerator") or metadata.get("accelerator") or "none")
    if accelerator.lower() != "none":
        yield f"It was written for a machine with an accelerator: {accelerator[:60]}."
    if image := about.get("dockerImageVersionId"):
        yield f"It ran in Kaggle's image {str(image)[:20]}."
    if day := _day(about):
        yield f"It was last copied on {day}."
    for number, source in sources(content):
        if GOOGLE.search(source):
            yield f"cell {number}: google.colab is only on Colab, and in no package that can be installed."
            break
    for number, source in sources(content):
        if found := DATA.search(source):
            yield f"cell {number}: {found[0]} is a folder of {where}'s machines."
            break


def _day(about: Mapping[str, Any]) -> str:
    """Of Colab's last copy; Colab has milliseconds."""
    copies = about.get("provenance")
    stamps = [row.get("timestamp") for row in copies if isinstance(row, Mapping)] if isinstance(copies, list) else []
    times = [stamp for stamp in stamps if isinstance(stamp, int) and 0 < stamp < 10**14]
    return datetime.fromtimestamp(max(times) / 1000, timezone.utc).strftime("%Y-%m-%d") if times else ""
