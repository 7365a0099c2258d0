"""The unpacked wheels of one store.

<store>/v1/w/<key>/<8>/l/          what the wheel puts into site-packages
<store>/v1/w/<key>/<8>/p/          its data: what it puts elsewhere below the prefix, bin, share, include, etc
<store>/v1/w/<key>/<8>/files.json  the list of its files, where no RECORD has it: see files.py
<store>/v1/w/<key>/<8>/unpacked    the signs of its code as it was unpacked, until they are in one of the next two
<store>/v1/w/<key>/<8>/compiled    there once all its bytecode is, and nothing in it changes any more: see store/seal.py
<store>/v1/w/<key>/<8>/frozen      the same where Python makes the bytecode: nothing but that changes any more
<store>/v1/w/<key>/current.json    its publication
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import msgspec

from ...kernel.reading import content
from ...machine.interpreters import Interpreter
from ...model import digests
from ...model.closure import Chosen, this_platform
from ...system.disk import prepare, publish, sign

LAYOUT = 2
"""Raised when the content of a wheel's folder changes: old ones are then unpacked again."""
RULES = 1
"""Raised when `startup.at_start` answers differently: what was written down by older rules does not count."""
POINTER = "current.json"
"""What says which of its folders is in use, of a wheel as of an environment."""
LINKING = 1
"""Raised when environments are put together in another way: by another answer to `why_real`, or with other files of
their own. Those that were put together before are then linked again when they are next used, from the wheels that are
here, and of these `why_real` is found out again."""
COMPILED = "compiled"
FROZEN = "frozen"
UNPACKED = "unpacked"
LIST = "files.json"
HOPS = ".w"
"""The folder of an environment with a link to each of its wheels: see tree.py."""


class Facts(msgspec.Struct, frozen=True):
    """The pointer of a wheel. `folders`: what it puts into site-packages ("."), and the folders in it that environments
    link to or that hold code, with their signs (disk.sign); `why_real`: why its folders must not be links, or "", as
    LINKING had it then; `size` in bytes; `info`: its dist-info folder, "" where it has none with a list of its files
    (see files.py); `listed`: sha256 of that list, "" where an older version unpacked it; `cached`: inode of
    its METADATA, or of what else its engine knows it by, where the engine's cache may have the same.
    Keys of older versions are passed over."""

    dir: str
    identity: str
    name: str
    version: str
    info: str
    tag: str
    python: str
    size: int
    folders: dict[str, tuple[int, int]]
    why_real: str = ""
    cached: int = 0
    listed: str = ""
    linking: int = 0


class Wheel(msgspec.Struct, frozen=True):
    key: str
    folder: Path
    facts: Facts

    @property
    def name(self) -> str:
        return self.facts.name

    @property
    def library(self) -> Path:
        return self.folder / "l"

    @property
    def data(self) -> Path:
        return self.folder / "p"

    @property
    def place(self) -> str:
        """`<key>/<8>`, unique in a store."""
        return f"{self.key}/{self.folder.name}"

    @property
    def compiled(self) -> bool:
        return (self.folder / COMPILED).exists()

    @property
    def frozen(self) -> bool:
        return self.compiled or (self.folder / FROZEN).exists()

    @property
    def drifted(self) -> tuple[str, ...]:
        """Its folders in which something was put, replaced or removed since it was published."""
        return tuple(n for n, known in self.facts.folders.items() if sign(f"{self.library}/{n}") != list(known))


class Wheels:
    def __init__(self, root: Path) -> None:
        self.root = root / "w"

    def find(self, row: Chosen, interpreter: Interpreter) -> Wheel | None:
        identity = identity_of(row, interpreter)
        wheel = self.at(identity[:16])
        return wheel if wheel and wheel.facts.identity == identity else None

    def at(self, key: str) -> Wheel | None:
        with contextlib.suppress(OSError):
            return self.stated(key)
        return None

    def stated(self, key: str) -> Wheel | None:
        """The same for a caller that deletes what is not published. Raises OSError if this is not known."""
        folder = self.root / key
        try:
            facts = msgspec.json.decode(content(folder / POINTER), type=Facts)
        except (FileNotFoundError, NotADirectoryError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        place = folder / facts.dir
        return Wheel(key, place, facts) if "/" not in facts.dir and (place / "l" / facts.info).is_dir() else None

    def all(self) -> Iterator[Wheel]:
        for key in self.listed():
            wheel = self.at(key)
            if wheel:
                yield wheel

    def listed(self) -> list[str]:
        try:
            return sorted(os.listdir(self.root))  # noqa: PTH208
        except FileNotFoundError:
            return []

    def offer(self, key: str, facts: Facts) -> tuple[Path, Path]:
        """(prepared pointer, pointer): published by replacing one by the other, after a sync."""
        pointer = self.root / key / POINTER
        return prepare(pointer, msgspec.to_builtins(facts)), pointer

    def accept_changes(self, wheel: Wheel) -> Wheel:
        """What changed in its folders since did no harm: from now on that is how they are."""
        folders = {name: sign(wheel.library / name) for name in wheel.facts.folders}
        signs = {name: (known[0], known[1]) for name, known in folders.items() if known}
        return self.restate(msgspec.structs.replace(wheel, facts=msgspec.structs.replace(wheel.facts, folders=signs)))

    def restate(self, wheel: Wheel) -> Wheel:
        """Writes down what is known about it now."""
        publish(*self.offer(wheel.key, wheel.facts))
        return wheel

    def quarantine(self, wheel: Wheel) -> None:
        """No new environment uses it; those that run from it keep its files until gc."""
        with contextlib.suppress(FileNotFoundError):
            (self.root / wheel.key / POINTER).unlink()


def list_of(folder: Path, info: str) -> Path:
    """The list of the files of the wheel in this folder; `info`: its dist-info folder, or ""."""
    return folder / "l" / info / "RECORD" if info else folder / LIST


def place_of(path: str, site_path: str) -> str:
    """Where a file lies in its wheel's folder, which an environment has at `path`."""
    inside = path.removeprefix(f"{site_path}/")
    return f"l/{inside}" if inside != path else f"p/{path}"


def identity_of(row: Chosen, interpreter: Interpreter) -> str:
    """52 characters of base32: the file, and for which Pythons its bytecode is; what was built here is for here."""
    here = "" if row.kind == "wheel" else this_platform()
    return _identity(row.name, row.version, row.kind, row.sha256, tag_of(interpreter), here)


@lru_cache(maxsize=4096)
def _identity(*words: str) -> str:
    value = [LAYOUT, *words]
    return base64.b32encode(hashlib.sha256(digests.canonical(value)).digest()).decode().lower().rstrip("=")


def tag_of(interpreter: Interpreter) -> str:
    """As sys.implementation.cache_tag, with the ABI flags: `cpython-313t`."""
    return f"{interpreter.implementation}-{interpreter.minor.replace('.', '')}{interpreter.abiflags}"


def sized(wheels: Iterable[Wheel]) -> int:
    """Bytes that they take in the store."""
    return sum(wheel.facts.size for wheel in wheels)
