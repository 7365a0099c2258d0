"""The options of a change."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from .hashes import Hashes
from .requirement import Requirement


@dataclass(frozen=True)
class Options:
    """`accept`: a consent digest, or "yes"; `notebook`: absolute path of the one that it is for, to remember who uses
    an environment."""

    accept: str | None = None
    allow_build: frozenset[str] = frozenset()
    allow_startup: frozenset[str] = frozenset()
    offline: bool = False
    prerelease: bool = False
    prefer_binary: bool = False
    """Whether wheels are taken without a question, even if only sources are newer."""
    before: str | None = None
    """The moment (UTC) before which files were published that may be taken."""
    eager: bool = False
    """Whether an upgrade also upgrades what the packages need."""
    fresh: bool = False
    """Whether the indexes are asked again."""
    listed: frozenset[str] = frozenset()
    """Packages whose source on this machine was named by a file, and not typed: the user is asked about their code."""
    overrides: tuple[Requirement, ...] = ()
    """Recorded, and in place of what packages need; a bare name takes its override back."""
    no_deps: bool = False
    """Whether what is named comes without what it needs; this is recorded, too."""
    limits: tuple[Requirement, ...] = ()
    """Requirements that constrain this change and are not asked for."""
    hashes: Hashes = field(default_factory=dict)
    indexes: dict[str, tuple[str, ...]] | None = None
    """Which index gives which package, if that was typed with the change."""
    dry_run: bool = False
    """Whether only the plan is made: nothing is installed or recorded. The user may still be asked, about code that has
    to run for it, addresses that somebody else chose, and a Python that has to be downloaded."""
    notebook: Path | None = None
    build: bool = True
    python: str | None = None
    """A version or a path that was typed for this change: it counts for more than the Python of the lock."""
    fetch_python: Literal["ask", "yes", "no"] = "ask"
    """Whether a Python that is not installed may be downloaded; `ask`: with a consent digest that includes it."""


DEFAULTS = Options()
