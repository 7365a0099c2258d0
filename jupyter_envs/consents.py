"""What a user approved: `<home>/consents.json`, readable by the user alone, never in a notebook."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from .block import now
from .closure import Closure
from .errors import StoreError
from .kept import Damaged, stated
from .lease import alone
from .policy import Policy, load
from .settings import Settings
from .write import atomically, make_private, usable

SEEN = "seen and accepted"
SAID = (SEEN, "accepted", "JUPYTER_ENVS_CONSENT", "setup")
"""How somebody said yes to just this closure."""


class _Entry(msgspec.Struct):
    """What has to be so in what is kept of a closure."""

    files: list[str] = []
    at: str = ""
    how: str = ""
    python: str = ""
    packages: int = 0


class _Shape(msgspec.Struct):
    closures: dict[str, _Entry]
    specs: list[str] = []
    startup: list[str] = []


@dataclass(frozen=True)
class _Known:
    """A file as it was at `state` (inode, mtime, size); `files`: what was found in it already."""

    state: tuple[int, int, int] | None
    value: dict[str, Any]
    files: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict)


_KNOWN: dict[Path, _Known] = {}
"""What this process has read: it grows with every notebook that its user approves, and each kernel's start looks."""


class Consents:
    def __init__(self, settings: Settings) -> None:
        self._file = settings.home / "consents.json"

    @cached_property
    def policy(self) -> Policy:
        """Raises PolicyError."""
        return load()

    def check(self, closure: Closure) -> None:
        """Raises PolicyError where no yes of the user's would help."""
        self.policy.check(closure, exempt=self.files("setup"))

    def _locked(self) -> AbstractContextManager[object]:
        return alone(self._file.with_suffix(".lock"), 30)

    def _read(self) -> dict[str, Any]:
        """Not to be changed by who reads it."""
        return self._known().value

    def _known(self) -> _Known:
        """Again only if the file has changed."""
        try:
            status = self._file.stat()
            state = (status.st_ino, status.st_mtime_ns, status.st_size)
        except OSError:
            state = None
        known = _KNOWN.get(self._file)
        if state is None or known is None or known.state != state:
            _KNOWN[self._file] = known = _Known(state, self._fresh())
        return known

    def _fresh(self) -> dict[str, Any]:
        usable(self._file.parent)
        try:
            value = stated(self._file, dict[str, Any])
            msgspec.convert(value, _Shape)
        except FileNotFoundError:
            return {"closures": {}, "specs": []}
        except (Damaged, msgspec.ValidationError) as error:
            raise self._damaged(str(error)) from None
        return value

    def _damaged(self, details: str) -> StoreError:
        return StoreError(
            "consents-damaged", f"The list of consents, {self._file}, cannot be read.",
            hint="Move it away; you will be asked again.", details=details,
        )  # fmt: skip

    def all(self) -> dict[str, dict[str, Any]]:
        """Consent digest -> {at, how, python, packages, files}."""
        closures: dict[str, dict[str, Any]] = self._read()["closures"]
        return closures

    def knows_spec(self, digest: str) -> bool:
        """Whether the user made this spec himself, or approved a notebook with it."""
        return digest in self._read().get("specs", ())

    def remember_spec(self, digest: str) -> None:
        if not self.knows_spec(digest):
            with self._locked():
                value = self._fresh()
                self._write({**value, "specs": [*value.get("specs", ()), digest]})

    def startup_files(self) -> frozenset[str]:
        """sha256 of the packages whose code may run at each start of Python."""
        return frozenset(self._read().get("startup", ()))

    def remember_startup(self, hashes: Iterable[str]) -> None:
        with self._locked():
            value = self._fresh()
            self._write({**value, "startup": sorted({*value.get("startup", ()), *hashes})})

    def files(self, *how: str) -> frozenset[str]:
        """sha256 of what was approved, in whatever way or in one of these."""
        known = self._known()
        if how not in known.files:
            entries = (entry for entry in known.value["closures"].values() if not how or entry.get("how") in how)
            known.files[how] = frozenset(sha256 for entry in entries for sha256 in entry.get("files", ()))
        return known.files[how]

    def knows(self, digest: str, closure: Closure) -> bool:
        """This closure was approved, or each of its files was; by the user, or by a policy. Raises PolicyError."""
        self.check(closure)
        if self.policy.ask == "never":
            return True
        given = self.all().get(digest)
        if self.policy.ask == "always":
            return given is not None and given.get("how") in SAID
        return given is not None or (bool(closure.rows) and not self.new_in(closure))

    def new_in(self, closure: Closure) -> tuple[str, ...]:
        """Names of the packages whose file was never approved here, and that no policy allows."""
        known = self.files()
        return tuple(row.name for row in closure.rows if row.sha256 not in known and not self.policy.allows(row))

    def remember(self, digest: str, closure: Closure, how: str) -> None:
        make_private(self._file.parent)
        with self._locked():
            value = self._fresh()
            if value["closures"].get(digest, {}).get("how") in (how, *SAID):
                return
            value["closures"][digest] = {
                "at": now(),
                "how": how,
                "python": closure.interpreter.minor,
                "packages": len(closure.rows),
                "files": sorted(row.sha256 for row in closure.rows),
            }
            self._write(value)

    def revoke(self, digest: str) -> bool:
        """Whether there was such a consent. Files of it that other consents name stay approved."""
        with self._locked():
            value = self._fresh()
            known = value["closures"].pop(digest, None) is not None
            if known:
                self._write(value)
        return known

    def _write(self, value: Mapping[str, Any]) -> None:
        atomically(self._file, json.dumps({**value, "version": 1}).encode())
