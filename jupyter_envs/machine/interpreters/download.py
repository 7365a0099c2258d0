"""A Python that is not installed here, and could be downloaded."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...model.interpreter import Interpreter


@dataclass(frozen=True)
class Download:
    """`key` is uv's name for it; `source` is a host, or a folder on this machine; `size` in bytes, or None if it is
    only known once the download begins."""

    version: str
    key: str
    source: str
    size: int | None = None

    @property
    def minor(self) -> str:
        return ".".join(self.version.split(".")[:2])

    def to_dict(self) -> dict[str, Any]:
        return {"version": self.version, "source": self.source, "size": self.size}

    @property
    def interpreter(self) -> Interpreter:
        """As it will be, except for its path: enough to say what a lock means for it."""
        return Interpreter(Path(self.key), "cpython", self.version, platform.machine(), "uv")
