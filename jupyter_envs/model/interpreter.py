from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version


@dataclass(frozen=True)
class Interpreter:
    """`path` is that of the real file; `version` the full one, 3.12.1; `source` says where it was found;
    `abiflags` is "t" for a free-threaded one."""

    path: Path
    implementation: str
    version: str
    arch: str
    source: str
    abiflags: str = ""

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
    except InvalidVersion:
        return False
    return True


def signature(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is upgraded in place: size, mtime in ns, inode. None if it is gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino
