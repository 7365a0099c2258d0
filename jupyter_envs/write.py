"""Writing a file so that it is either the old one or the new one, never half of it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def atomically(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Temp file beside it, fsync, replace. The folder is made, for the user alone."""
    import tempfile  # here, since it costs 4 ms and most commands only read

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
