"""From the name of a module to the package that brings it: by evidence, and silence without any."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from ..kernel.module_names import GENERIC, OVERRIDES, Table, package_of

Installed = Callable[[str], Sequence[str]]
"""The packages on this machine that bring a module, by their own files."""


@dataclass(frozen=True)
class Named:
    """`module`: the part of the import that is known, `google.cloud.storage`."""

    package: str
    module: str
    why: str


@dataclass
class Names:
    """`installed`: as Installed; `listed`: package -> where somebody has named it already: a line of pip, a file."""

    installed: Installed = lambda module: ()
    listed: Mapping[str, str] = field(default_factory=dict)
    table: Table = field(default_factory=Table.load)

    def find(self, module: str) -> Named | None:
        top = module.partition(".")[0]
        if top.lower() in GENERIC:
            return None
        common = package_of(module, self.table)
        owners = self.installed(module)
        if owners and (common is None or common[1] not in owners):
            listed = [name for name in owners if name in self.listed]
            if len(owners) == 1 or len(listed) == 1:
                package = (listed or list(owners))[0]
                return Named(package, module if common is None else common[0], f"brings {top}, on this machine")
        own = str(canonicalize_name(top))
        if own in self.listed and (common is None or common == (top, own)):
            return Named(own, top, f"named in {self.listed[own]}")
        if common is None:
            return None
        head, package = common
        if package in owners:
            return Named(package, head, f"brings {head}, on this machine")
        if head in OVERRIDES:
            return Named(package, head, f"known to bring {head}")
        return Named(package, head, f"the most downloaded package that brings {head}")
