"""What is asked of an engine: a resolver and an installer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..errors import InstallError
from ..machine.interpreters import Interpreter
from ..model.closure import Closure
from ..model.hashes import Hashes
from ..model.lock import Lock
from ..model.requirement import Requirement
from ..model.spec import Spec
from ..progress import SILENT, Report
from .installed import Installed


@dataclass(frozen=True)
class Request:
    """What to resolve. `typed`: what was typed, by name; rows of `previous` that still fit are kept,
    except those named in `upgrade` (all of them when `upgrade_all`)."""

    spec: Spec
    interpreter: Interpreter
    previous: Lock | None = None
    upgrade: frozenset[str] = frozenset()
    upgrade_all: bool = False
    typed: Mapping[str, Requirement] = field(default_factory=dict)
    listed: frozenset[str] = frozenset()
    """Names of `typed` whose source on this machine a file named, and nobody typed."""
    allow_build: frozenset[str] = frozenset()
    offline: bool = False
    prerelease: bool = False
    limits: tuple[Requirement, ...] = ()
    """Requirements that hold for whatever is locked, and ask for nothing themselves."""
    hashes: Hashes = field(default_factory=dict)
    own: bool = True
    """Whether the user approved `previous`: what it builds from source may then run again."""


class Resolver(Protocol):
    def resolve(self, request: Request, report: Report = SILENT) -> Lock:
        """Raises ResolveError, IndexError_, InstallError, or ConsentNeeded `needs-build`."""


class Installer(Protocol):
    def install(self, closure: Closure, prefix: Path, report: Report = SILENT) -> None:
        """Puts all of the closure into the empty environment at `prefix`. Raises InstallError or IndexError_."""

    def distributions(self, prefix: Path, interpreter: Interpreter) -> tuple[Installed, ...]:
        """All packages that lie in the environment at `prefix`, which was made for this Python, each with its files.
        The store believes none of it unseen: what is not there, of another size, or may not be there is refused. Links
        are. Raises InstallError."""


class NoInstaller:
    """Where everything is expected to be there already, and nothing may be fetched."""

    def install(self, closure: Closure, prefix: Path, report: Report = SILENT) -> None:
        raise InstallError("offline", "A package is no longer in the store.", hint="Build the environment again.")

    def distributions(self, prefix: Path, interpreter: Interpreter) -> tuple[Installed, ...]:
        return ()
