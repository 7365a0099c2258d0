"""Packages: what is installed, what somebody has to approve, and what an index says."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from .values import Digest, Message

Kind = Literal["wheel", "sdist", "vcs", "directory"]
Mark = Annotated[
    Literal["source", "address", "lookalike", "young"],
    Meta(
        title="Mark",
        description="`source`: it is built from source, which runs its code. `address`: it comes from `address`, not "
        "from an index. `lookalike`: its name is one letter away from the very popular name `like`. `young`: it was "
        "published within the last seven days.",
    ),
]


class Package(Message, frozen=True):
    """One package of a notebook's lock."""

    name: str
    version: str
    size: int | None
    """Bytes to download."""
    kind: Kind
    declared: bool
    """The notebook's list names it."""


class Fact(Message, frozen=True):
    """What the notebook and this machine know about one package, without asking an index."""

    name: str
    version: str
    size: int | None
    """Bytes to download."""
    kind: Kind
    declared: bool
    """The notebook's list names it."""
    new: bool
    """Its file was never approved on this machine."""
    index: str | None
    """Null: the default index."""
    uploaded: str | None
    """According to the lock."""
    marks: list[Mark]
    like: str | None
    address: str | UnsetType = UNSET
    """Where it comes from, if not from an index."""


class Fetch(Message, frozen=True):
    """A Python that is not installed and would be downloaded."""

    version: str
    source: str
    """A host, or a folder of the server's machine."""
    size: int | None
    """Bytes; null if that is only known when the download starts."""


class Proposal(Message, frozen=True):
    """What somebody has to approve; also the data of the errors `consent-needed` and `closure-changed`."""

    digest: Digest
    python: str
    """For example 3.12."""
    bytes: int | None
    """To download."""
    new: list[str]
    """Packages whose file was never approved on this machine."""
    indexes: list[str]
    """Where the files come from; an empty string is the default index."""
    packages: list[Fact]
    """New ones first, and declared ones before what they depend on."""
    beyond: list[str] | UnsetType = UNSET
    """What the notebook's list asks for but these packages do not show: requirements for other systems or Pythons,
    extras, version limits, indexes, a date. Whoever approves a change approves these too."""
    fetch: Fetch | UnsetType = UNSET
    """The Python that would be downloaded for it."""


class Advisory(Message, frozen=True):
    """A known vulnerability of one version."""

    id: str
    summary: str


class Opinion(Message, frozen=True):
    """What its index says about one version of a package."""

    name: str
    version: str
    newest: str | None
    """The newest version that is not yanked."""
    yanked: str | None
    """Why this version is yanked, if its authors say so; null if it is not yanked."""
    uploaded: str | None
    advisories: list[Advisory] | None
    """Null: the index does not publish any."""
    problem: str
    """Why nothing was found; empty if something was."""
