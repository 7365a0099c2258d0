"""A Python that is not here, and could be downloaded."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...model.interpreter import Interpreter


@dataclass(frozen=True)
class Download:
    """`key` is uv's name of it; `source` a host, or a folder of this machine; `size` in bytes, None where that is only
    known once it comes."""

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
        """As it will be, but for its path: enough to say what a lock means in it."""
        return Interpreter(Path(self.key), "cpython", self.version, platform.machine(), "uv")
