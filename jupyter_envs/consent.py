"""Who approved what. `approve` is the one function that makes an Approved closure; nothing else may be built.

Kept per user in `<home>/consents.json`, readable by the user alone, never in a notebook."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Final

from .block import now
from .closure import Closure
from .errors import ConsentNeeded, StoreError
from .settings import Settings
from .write import atomically, make_private, usable

_SEAL: Final = object()


class Approved:
    """A closure that may be built and run. Only `approve` makes one."""

    __slots__ = ("closure", "digest", "how")

    def __init__(self, closure: Closure, digest: str, how: str, *, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("Approved is made by consent.approve only")
        self.closure = closure
        self.digest = digest
        self.how = how


class Consents:
    def __init__(self, settings: Settings) -> None:
        self._file = settings.home / "consents.json"

    def _locked(self) -> AbstractContextManager[object]:
        from filelock import (
            FileLock,  # here, since most commands only read, and it costs 10 ms of their start
        )

        return FileLock(str(self._file.with_suffix(".lock")), timeout=30)

    def _read(self) -> dict[str, Any]:
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
                value = self._read()
                self._write({**value, "specs": [*value.get("specs", ()), digest]})

    def files(self) -> frozenset[str]:
        return frozenset(sha256 for entry in self.all().values() for sha256 in entry.get("files", ()))

    def knows(self, digest: str, closure: Closure) -> bool:
        """This closure was approved, or each of its files was."""
        return digest in self.all() or (bool(closure.rows) and not self.new_in(closure))

    def new_in(self, closure: Closure) -> tuple[str, ...]:
        """Names of the packages whose file was never approved here."""
        known = self.files()
        return tuple(row.name for row in closure.rows if row.sha256 not in known)

    def remember(self, digest: str, closure: Closure, how: str) -> None:
        make_private(self._file.parent)
        with self._locked():
            value = self._read()
            if digest in value["closures"]:
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
            value = self._read()
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
) -> Approved:
    """The gate. `accept` is the digest that the user saw, or `yes` for `--accept`; `typed`: the user just typed the
    change on a closure that was approved; `setup`: the base environment. Raises ConsentNeeded naming the digest."""
    consents = Consents(settings)
    how = next(
        (
            name
            for name, holds in (
                ("approved before", consents.knows(digest, closure)),
                ("setup", setup),
                ("typed", typed),
                ("accepted", accept in ("yes", digest)),
                ("JUPYTER_ENVS_CONSENT", settings.consent == digest),
            )
            if holds
        ),
        None,
    )
    if how is None:
        raise needed(closure, digest, consents)
    if how != "approved before":
        consents.remember(digest, closure, how)
    return Approved(closure, digest, how, seal=_SEAL)


def needed(closure: Closure, digest: str, consents: Consents) -> ConsentNeeded:
    new = set(consents.new_in(closure))
    few = ", ".join(sorted(new)[:5]) + (" …" if len(new) > 5 else "")
    code = ", ".join(row.name for row in closure.rows if row.runs_code and row.name in new)
    building = f" Building it runs code of {code}." if code else ""
    return ConsentNeeded(
        "consent-needed",
        f"This notebook brings an environment that you have not approved: Python {closure.interpreter.minor}, "
        f"{len(closure.rows)} packages, {len(new)} of them new here ({few}).{building} Its digest is {digest}.",
        hint="If you trust it, run the command again with --accept, or set JUPYTER_ENVS_CONSENT to the digest.",
        data={
            "digest": digest,
            "python": closure.interpreter.minor,
            "bytes": closure.size,
            "packages": [
                {"name": r.name, "version": r.version, "size": r.size, "kind": r.kind, "new": r.name in new}
                for r in closure.rows
            ],
        },
    )


