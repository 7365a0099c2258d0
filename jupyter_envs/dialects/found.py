"""What a foreign file or notebook says about an environment: one value from every reader."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.version import VERSION_PATTERN

from ..model.requirement import Requirement
from ..model.spec import CondaSpec

PYPI = re.compile(r"https?://(?:www\.)?pypi\.(?:python\.)?org/(?:simple|pypi)/?", re.IGNORECASE)
"""Tools write it unasked: the index that everybody has unless the user says another, which may be a mirror of it."""

PYPI_HOSTS = frozenset({"files.pythonhosted.org", "pypi.org", "www.pypi.org", "pypi.python.org"})

COMPARABLE = re.compile(rf"\s*(?:{VERSION_PATTERN})\s*", re.VERBOSE | re.IGNORECASE)
"""Versions of PEP 440. Packages of long ago have others, which only `===` can name."""


def is_pypi(url: str) -> bool:
    return PYPI.fullmatch(url) is not None


def host_of(url: str) -> str:
    """With its port; "" for a file of this machine."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return url[:60]  # no address: nobody has such a host


@dataclass(frozen=True)
class Pin:
    """A version that a lock or an environment has. `hashes`: sha256 of the files that it allows; none where it names
    none. `asked`: whether somebody asked for it; None where the source does not tell."""

    name: str
    version: str
    marker: Marker | None = None
    hashes: frozenset[str] = frozenset()
    asked: bool | None = None
    extras: tuple[str, ...] = ()

    @property
    def exactly(self) -> Requirement:
        """This version, and no other one."""
        operator = "==" if COMPARABLE.fullmatch(self.version) else "==="
        return Requirement(self.name, self.extras, SpecifierSet(f"{operator}{self.version}"), self.marker)

    @property
    def in_any_version(self) -> Requirement:
        return Requirement(self.name, self.extras, marker=self.marker)


@dataclass(frozen=True)
class FoundIndex:
    """An index as the source has it, without a password. `default`: it is asked about every package."""

    name: str
    url: str
    default: bool = True
    where: str = ""


@dataclass(frozen=True)
class Found:
    """`dialect`: the name of its format; `where`: the file, or the part of a notebook, for people. `requirements` are
    asked for, with sources where they have one; `pins` are kept where they fit; `limits` apply to what something else
    needs; `groups` are offered and not taken unasked; `notes` say, item by item and with the line, what the source says
    and a notebook cannot."""

    dialect: str
    where: str
    requires_python: str | None = None
    requirements: tuple[Requirement, ...] = ()
    pins: tuple[Pin, ...] = ()
    limits: tuple[Requirement, ...] = ()
    overrides: tuple[Requirement, ...] = ()
    groups: Mapping[str, tuple[Requirement, ...]] = field(default_factory=dict)
    indexes: tuple[FoundIndex, ...] = ()
    taken_from: Mapping[str, str] = field(default_factory=dict)
    """Canonical name of a package: the name of its index."""
    hosts: Mapping[str, str] = field(default_factory=dict)
    """Canonical name of a package: the host of its files, where nothing names their index."""
    no_index: str = ""
    """Where it says that no index may be asked."""
    conda: CondaSpec | None = None
    exclude_newer: str | None = None
    prerelease: bool = False
    everything: bool = False
    """Whether it lists everything that is installed, so that nobody can see in it what was asked for."""
    notes: tuple[str, ...] = ()

    @property
    def tells_what_was_asked(self) -> bool:
        """False for a list of everything that is installed, in which nobody can see what was asked for."""
        return bool(self.requirements) or any(pin.asked is not None for pin in self.pins) or self.conda is not None

    @property
    def empty(self) -> bool:
        return not (self.requirements or self.pins or self.conda or self.requires_python or self.groups)


@dataclass(frozen=True)
class Written:
    """A notebook's environment in another format. `notes` say, item by item, what that format cannot say."""

    text: str
    notes: tuple[str, ...] = ()
