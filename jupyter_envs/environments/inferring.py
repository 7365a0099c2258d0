"""A proposal for a bare notebook, with what is on this machine as evidence."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from ..infer import Proposal, work_out
from ..infer.ladder import Rung, ladder
from ..machine import interpreters
from ..store.wheel.wheels import Wheel
from .here import Here

ENDINGS = (".py", ".so", ".pyd")


def propose(content: Mapping[str, Any], file: Path | None, here: Here, day: date | None = None) -> Proposal:
    """`day`: as the user says it. No process starts, and nobody is asked."""
    return work_out(content, file, installed=Brought(here), day=day)


def rungs(proposal: Proposal, here: Here) -> list[Rung]:
    pythons = interpreters.list_interpreters(here.settings)
    minors = dict.fromkeys(found.minor for found, _ in sorted(pythons, key=lambda each: not each[1]))
    oldest = ".".join(map(str, interpreters.OLDEST))
    return list(ladder(proposal, tuple(minors), oldest, date.today()))


class Brought:
    """Which packages in the stores bring a module, by their own files and what they say about themselves."""

    def __init__(self, here: Here) -> None:
        self.here = here
        self._wheels: list[Wheel] | None = None

    def __call__(self, module: str) -> Sequence[str]:
        if self._wheels is None:
            self._wheels = [wheel for shelf in self.here.store.shelves for wheel in shelf.wheels.all()]
        owners = {wheel.name: wheel for wheel in self._wheels if _brings(wheel.library, module)}
        if len(owners) > 1:
            said = {name for name, wheel in owners.items() if module.partition(".")[0] in set(_import_names(wheel))}
            owners = {name: owners[name] for name in said} or owners
        return sorted(str(canonicalize_name(name)) for name in owners)


def _brings(library: Path, module: str) -> bool:
    """Whether it is there, or a part of it that is no folder of several packages."""
    folder = library
    for part in module.split("."):
        try:
            names = set(os.listdir(folder))  # noqa: PTH208
        except OSError:
            return False
        if any(name.startswith(f"{part}.") and name.endswith(ENDINGS) for name in names):
            return True
        folder = folder / part
        if part not in names or (folder / "__init__.py").is_file():
            return part in names
    return False


def _import_names(wheel: Wheel) -> Iterator[str]:
    """PEP 794."""
    try:
        text = (wheel.library / wheel.facts.info / "METADATA").read_text("utf-8", "replace")
    except OSError:
        return
    for line in text.partition("\n\n")[0].splitlines():
        key, _, value = line.partition(":")
        if key.lower() in ("import-name", "import-namespace"):
            yield value.partition(";")[0].strip().partition(".")[0]
