"""A failure, what is known about its packages, and what follows from both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from packaging.specifiers import SpecifierSet

from ...engines.protocols import Need
from ...errors import EnvsError
from ...machine.indexes.facts import Known
from ...machine.interpreters import Interpreter
from ...model.closure import applies, marker_environment
from ...model.requirement import Requirement

Cause = Literal[
    "typo", "no-package", "module-name", "other-system", "program", "standard-library", "python-itself", "no-version",
    "local-build", "arbitrary", "contradiction", "yanked", "python-version", "no-wheel-for-python",
    "no-wheel-for-platform", "source-only", "conflict",
]  # fmt: skip
ANY = ">=0"
"""Behind a name: whatever version fits. A name alone would leave a limit that is recorded as it is."""
Action = Literal["install", "python"]


@dataclass(frozen=True)
class Step:
    """One change, in the words of a job: an install of `packages`, or another Python."""

    action: Action
    packages: tuple[str, ...] = ()
    python: str | None = None
    allow_build: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "action": self.action,
            "packages": list(self.packages),
            "python": self.python,
            "allow_build": list(self.allow_build),
        }


@dataclass(frozen=True)
class Way:
    """A way out: a stable code, what a button says, and the changes that it takes, in their order."""

    code: Literal["python", "version", "name", "limit", "condition", "build", "without"]
    words: str
    steps: tuple[Step, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"code": self.code, "words": self.words, "steps": [step.to_dict() for step in self.steps]}


@dataclass(frozen=True)
class Diagnosis:
    """`code`: of the error; `cause`: what kind of reason it has."""

    code: str
    cause: Cause
    sentence: str
    ways: tuple[Way, ...] = ()
    hint: str = ""
    """What to do where there is no way, if the code's own hint does not say it."""


@dataclass(frozen=True)
class Facts:
    """`packages`: None for what no index has; what is missing is not known. `pythons`: minors that are installed here,
    the newest first."""

    packages: Mapping[str, Known | None] = field(default_factory=dict)
    pythons: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    """Names of the indexes that are asked about every package."""


@dataclass(frozen=True)
class Failure:
    """`typed`: what was typed this time; `asked`: all that the notebook would ask for with it; `needs`: what the engine
    says of who needs what."""

    error: EnvsError
    python: Interpreter
    typed: tuple[Requirement, ...] = ()
    asked: tuple[Requirement, ...] = ()
    needs: tuple[Need, ...] = ()
    sourced: frozenset[str] = frozenset()
    """Names of what does not come from an index: no index is asked about it, and none knows it."""

    @property
    def limits(self) -> dict[str, SpecifierSet]:
        """Name -> what the notebook asks for here, all lines about it together; what was typed comes first."""
        here = marker_environment(self.python)
        found: dict[str, SpecifierSet] = {}
        for item in dict.fromkeys((*self.typed, *self.asked)):
            if item.name not in self.sourced and applies(item.marker, here):
                found[item.name] = found.get(item.name, SpecifierSet()) & item.specifier
        return found

    def shown(self, name: str) -> str:
        """`numpy<1.20`, as it is asked for."""
        return f"{name}{self.limits.get(name, SpecifierSet())}"

    def instead(self, name: str, text: str) -> Step:
        """What was typed, once more, with `text` in place of what was typed about `name`."""
        words: list[str] = []
        for item in self.typed:
            new = text if item.name == name else _word(item)
            if new not in words:
                words.append(new)
        return Step("install", tuple(words if text in words else [*words, text]))

    def without(self, name: str) -> Step | None:
        """The rest of what was typed; None without one."""
        rest = tuple(dict.fromkeys(_word(item) for item in self.typed if item.name != name))
        return Step("install", rest) if rest else None

    def with_python(self, minor: str, without: str = "") -> tuple[Step, ...]:
        """The same with another Python, but for the package `without`."""
        rest = self.without(without)
        return (Step("python", python=minor), *((rest,) if rest else ()))

    def allowing(self, names: tuple[str, ...]) -> Step | None:
        """The same once more, with code of these packages running."""
        again = self.without("")
        return replace(again, allow_build=names) if again else None


def _word(item: Requirement) -> str:
    if item.source is None:
        return item.text
    return str(item.source.path) if item.source.path else f"{item.name} @ {item.source.url}"
