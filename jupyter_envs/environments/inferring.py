"""A proposal for a bare notebook, and the ladder of versions: the first that can be locked is taken as an import is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from ..errors import ConsentNeeded, EnvsError, InstallError, PythonError, ResolveError
from ..infer import Proposal, work_out
from ..infer.ladder import Rung, ladder
from ..machine import interpreters
from ..model.block import Block
from ..model.options import Options
from ..model.progress import Report
from ..store.wheel.wheels import Wheel
from .here import Here
from .outcome import Outcome
from .use_cases import Environments

GO_ON = (ResolveError, PythonError, InstallError)
"""What another rung may mend."""
CODE = ("needs-build",)
"""Questions that another rung may spare the user."""
ENDINGS = (".py", ".so", ".pyd")


@dataclass(frozen=True)
class Step:
    """What became of a rung; `error`: why it could not be taken."""

    rung: Rung
    error: EnvsError | None = None

    @property
    def line(self) -> str:
        return f"{self.rung.why}: {self.error.sentence if self.error else 'taken'}"

    def to_dict(self) -> dict[str, Any]:
        return {"step": self.rung.name, "why": self.rung.why, "error": self.error.to_dict() if self.error else None}


def propose(content: Mapping[str, Any], file: Path | None, here: Here, day: date | None = None) -> Proposal:
    """`day`: as the user says it. No process starts, and nobody is asked."""
    return work_out(content, file, installed=Brought(here), day=day)


def rungs(proposal: Proposal, here: Here) -> list[Rung]:
    pythons = interpreters.list_interpreters(here.settings)
    minors = dict.fromkeys(found.minor for found, _ in sorted(pythons, key=lambda each: not each[1]))
    oldest = ".".join(map(str, interpreters.OLDEST))
    return list(ladder(proposal, tuple(minors), oldest, date.today()))


def climb(
    environments: Environments,
    block: Block | None,
    steps: Sequence[Rung],
    *,
    groups: Sequence[str] = (),
    options: Options,
    report: Report,
    works: Callable[[Outcome], EnvsError | None] = lambda outcome: None,
) -> tuple[Outcome, list[Step]]:
    """The first rung that can be locked, and built, and of which `works` has nothing to complain. Raises what the first
    rung raised if there is none, and ConsentNeeded as soon as the user has to be asked."""
    tried, first = list[Step](), None
    for rung in steps:
        try:
            outcome = environments.take(block, [rung.found], groups=groups, options=options, report=report)
            error = works(outcome)
        except GO_ON as failed:
            error = failed
        except ConsentNeeded as question:
            if question.code not in CODE:
                raise
            error = question
        tried.append(Step(rung, error))
        if error is None:
            return replace(outcome, notes=(*outcome.notes, *(step.line for step in tried))), tried
        first = first or error
        report.note(tried[-1].line)
    assert first is not None
    raise first


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
