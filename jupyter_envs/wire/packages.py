"""Packages: what is installed, what somebody has to agree to, and what an index says."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from .values import Digest, Message

Kind = Literal["wheel", "sdist", "vcs", "directory"]
Mark = Annotated[
    Literal["source", "address", "lookalike", "young"],
    Meta(
        title="Mark",
        description="`source`: its code runs while it is built. `address`: it comes from no index, but from `address`. "
        "`lookalike`: its name is one letter away from `like`, a very popular one. `young`: published within the last "
        "seven days.",
    ),
]


class Package(Message, frozen=True):
    """One package of a notebook's lock, as it is in its environment."""

    name: str
    version: str
    size: int | None
    """Bytes to fetch."""
    kind: Kind
    declared: bool
    """The notebook's list names it."""


class Fact(Message, frozen=True):
    """What block and this machine know of one package. No index was asked."""

    name: str
    version: str
    size: int | None
    """Bytes to fetch."""
    kind: Kind
    declared: bool
    """The notebook's list names it."""
    new: bool
    """Its file was never approved on this machine."""
    index: str | None
    """Null: the default one."""
    uploaded: str | None
    """As the lock says."""
    marks: list[Mark]
    like: str | None
    address: str | UnsetType = UNSET
    """Where it comes from, if from no index."""


class Fetch(Message, frozen=True):
    """A Python that would be fetched, since it is not here."""

    version: str
    source: str
    """A host, or a folder of the server's machine."""
    size: int | None
    """Bytes; null where that is only known once it comes."""


class Proposal(Message, frozen=True):
    """What somebody has to agree to; also the data of the errors `consent-needed` and `closure-changed`."""

    digest: Digest
    python: str
    """A minor."""
    bytes: int | None
    """To fetch."""
    new: list[str]
    """Packages whose file was never approved here."""
    indexes: list[str]
    """Where its files come from; empty: the default index."""
    packages: list[Fact]
    """New ones first, declared ones before what they need."""
    beyond: list[str] | UnsetType = UNSET
    """What the notebook's list asks for and these packages do not show: requirements of other systems or Pythons,
    extras, limits that hold a version back, indexes, a date. A yes to a change is a yes to these too."""
    fetch: Fetch | UnsetType = UNSET
    """The Python that would be fetched for it."""


class Advisory(Message, frozen=True):
    """A known weakness of one version."""

    id: str
    summary: str


class Opinion(Message, frozen=True):
    """What its index says of one version of a package."""

    name: str
    version: str
    newest: str | None
    """The newest version that is not withdrawn."""
    yanked: str | None
    """Why it was withdrawn, as far as its authors say; null: it was not."""
    uploaded: str | None
    advisories: list[Advisory] | None
    """Null: the index does not tell."""
    problem: str
    """Why nothing could be found out; empty where something was."""
