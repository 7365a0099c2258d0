"""The status of a notebook's environment; `sight.py` finds it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from ..errors import EnvsError
from ..kernel.amounts import count
from ..model.block import Block
from ..model.closure import Chosen, Closure, applies, certainly_applies, marker_environment
from ..model.requirement import Requirement
from ..model.spec import Spec
from ..store import Environment
from ..store.damage import BUILT_AGAIN

State = Literal["no-block", "ready", "changed", "not-built", "no-python", "invalid", "failed", "looking"]
"""`changed`: the lock is older than the list, or contradicts it. `invalid`: the block cannot be read. Of kernels alone:
`failed` (it died, or the store cannot be used) and `looking` (not known yet), which only a context file says."""


class Status(msgspec.Struct, frozen=True):
    """A value until a door renders it."""

    state: State
    sentence: str
    block: Block | None = None
    closure: Closure | None = None
    environment: Environment | None = None
    consent: dict[str, Any] | None = None
    error: EnvsError | None = None
    notes: tuple[str, ...] = ()
    missing: tuple[Chosen, ...] | None = None
    """What a build would have to unpack; None if nobody has looked."""
    withheld: str = ""
    """Why what was built here is not used, in a sentence."""
    damaged: bool = False
    """It was built here, and has changed since. Only a context file says so."""

    def to_dict(self) -> dict[str, Any]:
        block = self.block
        versions = self._versions()
        python = self.closure.interpreter if self.closure else None
        return {
            "state": self.state,
            "sentence": self.sentence,
            "digest": block.digest if block else None,
            "python": {
                "requires": block.requires_python if block else None,
                "locked": block.lock.minor if block and block.lock else None,
                "version": python.version if python else None,
                "path": str(python.path) if python else None,
            },
            "dependencies": self._dependencies(versions),
            "packages": self._packages(),
            "environment": self.environment.to_dict() if self.environment else None,
            "consent": self.consent,
            "error": self.error.to_dict() if self.error else None,
            "notes": list(self.notes),
            **({"withheld": self.withheld} if self.withheld else {}),
            **({"damaged": True} if self.damaged else {}),
        }

    def built(self, environment: Environment) -> Status:
        """The same, with the environment that exists now."""
        if self.state == "changed":
            return replace(self, environment=environment)
        but = "".join(f"; {text} is overridden" for text in self.overridden)
        sentence = f"Ready: Python {environment.version}, {count(len(environment.packages), 'package')}{but}."
        return replace(self, state="ready", sentence=sentence, environment=environment, withheld="")

    def unusable(self, why: str) -> Status:
        """The same, but what was built is damaged; `why` says so in a sentence."""
        sentence = f"{why} {BUILT_AGAIN}"
        return replace(self, state="not-built", sentence=sentence, withheld=sentence, damaged=True)

    def because(self, error: EnvsError) -> Status:
        """The same, but no kernel can run in it."""
        return replace(self, state="failed", sentence=error.sentence, error=error)

    @property
    def overridden(self) -> tuple[str, ...]:
        """What the notebook asks for and does not get, because of an override in it. Our own changes refuse that; a
        block that was written elsewhere may say it."""
        spec = self.block.spec if self.block and self.block.overrides else Spec()
        names, versions = {item.name for item in spec.overriding}, self._versions()
        items = [item for item in spec.requirements if item.name in names and item.name in versions]
        here = marker_environment(self.closure.interpreter) if self.closure and items else None
        return tuple(
            item.text
            for item in items
            if not item.specifier.contains(versions[item.name], prereleases=True)
            and (here is None or applies(item.marker, here))
        )

    @property
    def unmet(self) -> str:
        """What the notebook asks for here and its lock does not have, in a sentence: somebody else wrote the lock, or a
        condition did not apply to the Python that it was made for."""
        spec = self.block.spec if self.block else Spec()
        versions = self._versions()
        overridden = {item.name for item in spec.overriding}
        items = [item for item in spec.requirements if item.name not in overridden and not met(item, versions)]
        here = marker_environment(self.closure.interpreter) if self.closure and items else {}
        item = next((item for item in items if certainly_applies(item.marker, here)), None)
        if item is None:
            return ""
        has = f"{item.name} {versions[item.name]}" if item.name in versions else f"no {item.name}"
        return f"The lock has {has}, and the notebook asks for {item.text}."

    def _dependencies(self, versions: dict[str, str]) -> list[dict[str, Any]]:
        """A line whose condition does not apply here has no version: another line of its name may have one."""
        spec = self.block.spec if self.block else Spec()
        items = spec.requirements
        marked = any(item.marker for item in items)
        here = marker_environment(self.closure.interpreter) if self.closure and marked else None
        return [
            {
                "requirement": text,
                "name": item.name,
                "version": versions.get(item.name) if here is None or applies(item.marker, here) else None,
            }
            for text, item in zip(spec.dependencies, items, strict=True)
        ]

    def _versions(self) -> dict[str, str]:
        if self.closure:
            return self.closure.versions
        rows = self.block.lock.packages if self.block and self.block.lock else ()
        return {row.name: row.version for row in rows}

    def _packages(self) -> list[dict[str, Any]]:
        declared = set(self.block.spec.names) if self.block else set()
        if self.closure:
            return [
                {"name": r.name, "version": r.version, "size": r.size, "kind": r.kind, "declared": r.name in declared}
                for r in self.closure.rows
            ]
        return [
            {"name": name, "version": version, "size": None, "kind": "wheel", "declared": name in declared}
            for name, version in self._versions().items()
        ]


class Unseen(Status, frozen=True):
    """Nobody could look: only the reason is known."""

    def to_dict(self) -> dict[str, Any]:
        error = self.error.to_dict() if self.error else None
        return {"state": self.state, "sentence": self.sentence, "error": error}


def met(item: Requirement, versions: Mapping[str, str]) -> bool:
    found = versions.get(item.name)
    return found is not None and item.specifier.contains(found, prereleases=True)
