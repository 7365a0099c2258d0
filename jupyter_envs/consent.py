"""Who approved what. `approve` is the one function that makes an Approved closure; nothing else may be built.

Kept per user in `<home>/consents.json`, readable by the user alone, never in a notebook."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from .block import now
from .closure import Closure
from .errors import ConsentNeeded, StoreError
from .lease import alone
from .marks import facts
from .policy import Policy, load
from .settings import Settings
from .write import atomically, make_private, usable

_SEAL: Final = object()
SEEN = "seen and accepted"
SAID = (SEEN, "accepted", "JUPYTER_ENVS_CONSENT", "setup")
"""How somebody said yes to just this closure."""


class Approved:
    """A closure that may be built and run. Only `approve` makes one."""

    __slots__ = ("_consents", "_startup", "closure", "digest", "how")

    def __init__(
        self, closure: Closure, digest: str, how: str, consents: Consents, startup: Collection[str] | None, *, seal: object
    ) -> None:
        if seal is not _SEAL:
            raise TypeError("Approved is made by consent.approve only")
        self.closure = closure
        self.digest = digest
        self.how = how
        self._consents = consents
        self._startup = startup

    def review(self, found: Mapping[str, Sequence[str]]) -> None:
        """What only the unpacked wheels show: package -> files that run code whenever Python starts. Raises ConsentNeeded
        `needs-review` naming those that nobody has approved."""
        hashes = {row.name: row.sha256 for row in self.closure.rows}
        known = self._consents.startup_files()
        new = {name: list(files) for name, files in sorted(found.items()) if hashes[name] not in known}
        if self.how != "setup":
            self._consents.policy.check_startup(new)
        if self._startup is not None:
            unasked = {name: files for name, files in new.items() if name not in self._startup}
            if unasked:
                raise _needs_review(unasked)
        if new:
            self._consents.remember_startup([hashes[name] for name in new])


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
            value = json.loads(self._file.read_bytes())
        except FileNotFoundError:
            return {"closures": {}, "specs": []}
        except (ValueError, RecursionError) as error:
            raise self._damaged(str(error)) from None
        if not isinstance(value, dict) or not isinstance(value.get("closures"), dict):
            raise self._damaged("no object with closures")
        if not all(isinstance(entry, dict) for entry in value["closures"].values()):
            raise self._damaged("an entry is no object")
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


def approve(
    closure: Closure,
    digest: str,
    settings: Settings,
    *,
    accept: str | None = None,
    typed: bool = False,
    setup: bool = False,
    startup: Collection[str] = (),
    to_fetch: Callable[[Closure], int] | None = None,
) -> Approved:
    """The gate. `accept` is the digest that the user saw, or `yes` for `--accept`; `typed`: the user just typed the
    change on a closure that was approved; `setup`: the base environment, which no policy judges; `startup`: packages
    whose code may run when Python starts, once their wheels have shown it; `to_fetch`: how many bytes. Raises
    ConsentNeeded naming the digest, or PolicyError."""
    consents = Consents(settings)
    how = next(
        (
            name
            for name, holds in (
                ("setup", setup),
                ("approved before", not setup and consents.knows(digest, closure)),
                ("typed", typed and consents.policy.ask != "always"),
                ("accepted", accept in ("yes", digest)),
                ("JUPYTER_ENVS_CONSENT", settings.consent == digest),
            )
            if holds
        ),
        None,
    )
    if how is None:
        raise needed(closure, digest, consents, to_fetch(closure) if to_fetch else None)
    if how != "approved before":
        consents.remember(digest, closure, how)
    own = how in ("setup", "typed") or consents.policy.ask == "never"
    return Approved(closure, digest, how, consents, None if own else frozenset(startup), seal=_SEAL)


def _needs_review(packages: Mapping[str, list[str]]) -> ConsentNeeded:
    listed = "; ".join(f"{name} ({', '.join(files)})" for name, files in packages.items())
    return ConsentNeeded(
        "needs-review",
        f"These packages run code whenever Python starts, before any cell does: {listed}.",
        hint="If you trust them, allow it with " + " ".join(f"--allow-startup {name}" for name in packages),
        data={"packages": dict(packages)},
    )


def needed(closure: Closure, digest: str, consents: Consents, fetch: int | None = None) -> ConsentNeeded:
    new, fresh, building = news(closure, consents)
    return ConsentNeeded(
        "consent-needed",
        f"This notebook brings an environment that you have not approved: Python {closure.interpreter.minor}, "
        f"{len(closure.rows)} packages{fresh}.{building} Its digest is {digest}.",
        hint="If you trust it, run the command again with --accept, or set JUPYTER_ENVS_CONSENT to the digest.",
        data=facts(closure, digest, new=new, fetch=fetch),
    )


def news(closure: Closure, consents: Consents) -> tuple[tuple[str, ...], str, str]:
    """Names of the packages that are new here; `, 2 of them new here (…)`; and a sentence about code that a build runs."""
    new = consents.new_in(closure)
    few = ", ".join(new[:5]) + (" …" if len(new) > 5 else "")
    code = ", ".join(row.name for row in closure.rows if row.runs_code and row.name in new)
    fresh = f", {len(new)} of them new here ({few})" if new else ""
    return new, fresh, f" Building it runs code of {code}." if code else ""
