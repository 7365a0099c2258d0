"""What every engine must provide: a resolver, an installer, and the cache that it keeps beside the store."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from packaging.specifiers import SpecifierSet

from ..errors import EnvsError, InstallError
from ..machine.interpreters import Interpreter
from ..model.closure import Closure
from ..model.hashes import Hashes
from ..model.lock import Lock
from ..model.progress import SILENT, Report
from ..model.requirement import Requirement
from ..model.spec import Spec
from .installed import Installed

if TYPE_CHECKING:
    from ..consent.policy import Policy
    from ..machine.indexes import Indexes


@dataclass(frozen=True)
class ResolveRequest:
    """What to resolve. `typed`: what was typed, by name; rows of `previous` that still fit are kept,
    except those named in `upgrade` (all of them when `upgrade_all`)."""

    spec: Spec
    interpreter: Interpreter
    previous: Lock | None = None
    upgrade: frozenset[str] = frozenset()
    upgrade_all: bool = False
    typed: Mapping[str, Requirement] = field(default_factory=dict)
    listed: frozenset[str] = frozenset()
    """Names of `typed` whose source on this machine was named by a file, and not typed."""
    allow_build: frozenset[str] = frozenset()
    offline: bool = False
    prerelease: bool = False
    prefer_binary: bool = False
    """Whether to take wheels without a question, even if only sources are newer."""
    before: str | None = None
    """Only files that were published before this moment (UTC)."""
    limits: tuple[Requirement, ...] = ()
    """Requirements that constrain whatever is locked, but do not ask for anything themselves."""
    hashes: Hashes = field(default_factory=dict)
    fresh: bool = False
    """Whether indexes are asked again, whatever they said before. Offline, none is."""
    own: bool = True
    """Whether the user approved `previous`: then what it builds from source may run again."""


@dataclass(frozen=True)
class Need:
    """`who`, in the versions `versions`, needs `name` within `limits`; "" for what the notebook asks for."""

    who: str
    versions: SpecifierSet
    name: str
    limits: SpecifierSet


class Resolver(Protocol):
    def resolve(self, request: ResolveRequest, report: Report = SILENT) -> Lock:
        """Raises ResolveError, IndexError_, InstallError, or ConsentNeeded `needs-build`."""


class Installer(Protocol):
    def install(self, closure: Closure, prefix: Path, report: Report = SILENT) -> None:
        """Installs the whole closure into the empty environment at `prefix`. Raises InstallError or IndexError_."""

    def distributions(self, prefix: Path, interpreter: Interpreter) -> tuple[Installed, ...]:
        """All packages in the environment at `prefix`, which was made for this Python, each with its files. The store
        does not trust this: it refuses a package that is named twice, a link, and a file that is missing, is not
        allowed there, or has another size than a row with a hash says. A size without a hash counts for nothing, and
        neither is a hash compared before somebody verifies the environment. Raises InstallError."""


class Cache(Protocol):
    """What an engine keeps of packages beside the store: where they share files, whoever edits one edits both."""

    def forget(self, copies: Mapping[int, str], patience: float = 0.0) -> bool:
        """Takes away its own copies of these packages, so that the engine unpacks them again should it need them.
        `copies`: inode of `Installed.mark` -> `Installed.info`, or the name of the package. False where it is in use,
        for longer than `patience` (seconds); then it has taken nothing away."""

    def unused(self, seconds: float) -> Mapping[Path, int]:
        """What it unpacked so many seconds ago or earlier, and the bytes that the disk has back without it."""

    def remove(self, found: Mapping[Path, int]) -> Mapping[Path, int]:
        """Takes that away. Returns what has gone: nothing while the engine is at work."""


class PackageEngine(Protocol):
    """One way to resolve and install; engines/choice.py chooses. To have one loads and starts nothing."""

    @property
    def cache(self) -> Cache: ...

    def resolver(self, indexes: Indexes, policy: Policy) -> AbstractContextManager[Resolver]: ...

    def installer(self, indexes: Indexes, policy: Policy) -> AbstractContextManager[Installer]: ...

    def needs_in(self, error: EnvsError) -> tuple[Need, ...]:
        """What needs what, as far as the details of the resolver's error say it."""


class NoInstaller:
    """For places where everything should exist already, and nothing may be downloaded."""

    def install(self, closure: Closure, prefix: Path, report: Report = SILENT) -> None:
        raise InstallError("offline", "A package is no longer in the store.", hint="Build the environment again.")

    def distributions(self, prefix: Path, interpreter: Interpreter) -> tuple[Installed, ...]:
        return ()
