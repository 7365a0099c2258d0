"""The block: `metadata.jupyter_envs` of a notebook, version 1. Closed: an unknown key is an error."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from ..errors import InputError
from ..text import one_line
from . import digests
from .lock import Lock
from .lock_rules import DIGEST, MAX_PACKAGES, check_lock
from .moments import now
from .spec import CondaSpec, Spec, check_spec, package_name

KEY = "jupyter_envs"
WHERE = f"metadata.{KEY}"
HISTORY_LIMIT = 20
VERSION = 1
SHOWN = 10**6
"""The largest version that is written out."""
MAX_DEPTH = 12
MAX_WORD = 200
MAX_DID = 4000
MAX_REMEMBERED = 400_000

Versions = dict[str, tuple[str | None, str | None]]


class Outputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="kebab"):
    """What made the outputs that are saved in the notebook: lock digest, full Python version, platform, when."""

    lock: str
    python: str
    platform: str
    at: str


class HistoryEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="kebab"):
    """One entry of the history: the spec before it, and package versions before and after."""

    at: str
    did: str
    spec: Spec = Spec()
    changed: Versions = {}


class Block(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="kebab"):
    version: int
    requires_python: str | None = None
    dependencies: tuple[str, ...] = ()
    indexes: dict[str, tuple[str, ...]] = {}
    exclude_newer: str | None = None
    conda: CondaSpec | None = None
    project: str | None = None
    overrides: tuple[str, ...] = ()
    no_deps: tuple[str, ...] = ()
    lock: Lock | None = None
    outputs: Outputs | None = None
    history: tuple[HistoryEntry, ...] = ()

    @property
    def spec(self) -> Spec:
        return Spec(
            requires_python=self.requires_python,
            dependencies=self.dependencies,
            indexes=self.indexes,
            exclude_newer=self.exclude_newer,
            conda=self.conda,
            project=self.project,
            overrides=self.overrides,
            no_deps=self.no_deps,
        )

    @property
    def digest(self) -> str:
        return digests.digest(self.to_dict())

    @property
    def asks(self) -> bool:
        """Whether it asks for anything. If not, the notebook runs in the base environment."""
        return bool(self.lock or self.dependencies or self.requires_python or self.conda or self.project)

    @property
    def locked(self) -> bool:
        """Whether there is a lock and it was made from this spec."""
        return self.lock is not None and self.lock.spec == self.spec.digest

    @property
    def agreed_python(self) -> str | None:
        """What the list asks for of Python, where the lock was made for that list. A lock says only 3.12."""
        return self.spec.requires_python if self.locked else None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, keys in the order of the format."""
        value: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return value

    def with_spec(self, spec: Spec) -> Block:
        return msgspec.structs.replace(
            self,
            requires_python=spec.requires_python,
            dependencies=spec.dependencies,
            indexes=spec.indexes,
            exclude_newer=spec.exclude_newer,
            conda=spec.conda,
            project=spec.project,
            overrides=spec.overrides,
            no_deps=spec.no_deps,
        )

    def changed_to(self, spec: Spec, lock: Lock, did: str, changed: Versions) -> Block:
        """The next block: new spec and lock, and one more entry of history if anything moved."""
        entry = HistoryEntry(at=now(), did=one_line(did)[:MAX_DID], spec=self.spec, changed=changed)
        history = (*self.history, entry)[-HISTORY_LIMIT:] if changed or spec != self.spec else self.history
        return msgspec.structs.replace(self.with_spec(spec), lock=lock, history=history)


EMPTY = Block(version=VERSION)


def parse_block(value: object, where: str = WHERE) -> Block:
    """A block from JSON. Raises InputError that says where; a newer version is `meta-newer`."""
    if not isinstance(value, dict):
        raise InputError("meta-shape", f"{where}: must be an object.")
    version = value.get("version")
    if type(version) is not int or version < 1:
        raise InputError("meta-version", f"{where}.version: must be 1.")
    if version > VERSION:
        raise InputError(
            "meta-newer",
            f"{where}: version {min(version, SHOWN)} was written by a newer jupyter-envs.",
            hint="Upgrade jupyter-envs to change this notebook's environment; until then it is read-only.",
        )
    if deeper_than(value, MAX_DEPTH):
        raise InputError("meta-depth", f"{where}: nested deeper than {MAX_DEPTH} levels.")
    try:
        block = msgspec.convert(value, Block)
    except msgspec.ValidationError as error:
        raise _schema_error(str(error), where) from None
    except UnicodeEncodeError:  # JSON can write one half of a character, `"\ud800"`; msgspec looks keys up as UTF-8
        raise InputError("meta-text", f"{where}: contains a key that is not text.") from None
    spec = check_spec(block.spec, where)
    lock = check_lock(block.lock, f"{where}.lock") if block.lock else None
    if block.outputs:
        _check_outputs(block.outputs, f"{where}.outputs")
    if len(block.history) > HISTORY_LIMIT:
        raise InputError("meta-shape", f"{where}.history: more than {HISTORY_LIMIT} entries.")
    if sum(map(len, {text for entry in block.history for text in entry.spec.dependencies})) > MAX_REMEMBERED:
        raise InputError(
            "meta-shape", f"{where}.history: contains more than {MAX_REMEMBERED} characters of requirements."
        )
    for i, entry in enumerate(block.history):
        _check_change(entry, f"{where}.history[{i}]")
    return msgspec.structs.replace(block.with_spec(spec), lock=lock)


def _check_outputs(outputs: Outputs, where: str) -> None:
    if not DIGEST.fullmatch(outputs.lock):
        raise InputError("meta-shape", f"{where}.lock: is not a digest.")
    _check_text(outputs.python, MAX_WORD, f"{where}.python")
    _check_text(outputs.platform, MAX_WORD, f"{where}.platform")
    _check_text(outputs.at, MAX_WORD, f"{where}.at")


def _check_change(entry: HistoryEntry, where: str) -> None:
    check_spec(entry.spec, f"{where}.spec")
    _check_text(entry.at, MAX_WORD, f"{where}.at")
    _check_text(entry.did, MAX_DID, f"{where}.did")
    if len(entry.changed) > MAX_PACKAGES:
        raise InputError("meta-shape", f"{where}.changed: more than {MAX_PACKAGES} packages.")
    for name, versions in entry.changed.items():
        package_name(name, f"{where}.changed")
        for version in versions:
            _check_text(version or "", MAX_WORD, f"{where}.changed.{name}")


def _check_text(text: str, length: int, where: str) -> None:
    if len(text) > length or not text.isprintable():
        raise InputError("meta-text", f"{where}: {text[:60]!r} is too long, or contains control characters.")


def deeper_than(value: object, levels: int) -> bool:
    """Whether JSON nests deeper; looks no deeper itself."""
    level = [value]
    for _ in range(levels):
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
        ]
        if not level:
            return False
    return True


def _schema_error(message: str, where: str) -> InputError:
    """msgspec says `Object contains unknown field `x` - at `$.lock``; we say where first."""
    found = re.fullmatch(r"(?s)(.*?)(?: - at `\$(.*)`)?", message)
    what, path = (found[1], found[2] or "") if found else (message, "")
    unknown = re.search(r"(?s)unknown field `(.*)`", what)
    if unknown:
        return InputError(
            "meta-unknown-key",
            f"{where}{path}: unknown key {unknown[1][:60]!r}.",
            hint="The block was not changed. A newer version of jupyter-envs may know this key.",
        )
    code = "req-type" if path.startswith(".dependencies") else "meta-shape"
    return InputError(code, f"{where}{path}: {what[0].lower()}{what[1:]}.")
