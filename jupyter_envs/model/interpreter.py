from __future__ import annotations

from pathlib import Path

import msgspec
from packaging.version import Version


class Interpreter(msgspec.Struct, frozen=True):
    """`path` is that of the real file; `version` the full one, 3.12.1; `source` says where it was found;
    `abiflags` is "t" for a free-threaded one.

    `package`: "" for one of this machine. Otherwise the package of the closure that brings it: each environment then
    has it inside, and `path` is relative to the environment's prefix (`bin/python3.12`)."""

    path: Path
    implementation: str
    version: str
    arch: str
    source: str
    abiflags: str = ""
    package: str = ""

    def at(self, prefix: Path) -> Path:
        """The real file, for the environment at `prefix`."""
        return prefix / self.path if self.package else self.path

    @property
    def minor(self) -> str:
        return ".".join(self.version.split(".")[:2])

    def to_dict(self) -> dict[str, str]:
        """JSON-ready, for programs."""
        return {
            "version": self.version,
            "minor": self.minor,
            "implementation": self.implementation,
            "arch": self.arch,
            "path": str(self.path),
            "source": self.source,
        }

    @property
    def signature(self) -> tuple[int, int, int] | None:
        return signature(self.path)


def is_version(text: str) -> bool:
    try:
        Version(text)
    except ValueError:  # InvalidVersion is one, and so is Python's for thousands of digits
        return False
    return True


def signature(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is upgraded in place: size, mtime in ns, inode. None if it is gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino
