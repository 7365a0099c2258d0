"""Where a result is saved: a file that can be written, known before any work is done."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ..errors import UsageError
from ..kernel.writing import put


def writable(word: str | Path) -> tuple[Path, bool]:
    """Without links, and whether it is there already. Raises UsageError `no-output`."""
    try:
        path = Path(word).resolve()
        about = path.stat() if path.exists() else None
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links that lead to each other
        raise UsageError("no-output", f"{word} cannot be written: {error}.") from None
    if about and not stat.S_ISREG(about.st_mode):
        why = "it is a folder" if stat.S_ISDIR(about.st_mode) else "it is not a regular file"
    elif not path.parent.is_dir():
        why = f"there is no folder {path.parent}"
    elif not os.access(path.parent, os.W_OK | os.X_OK) or (about and not os.access(path, os.W_OK)):
        why = "it, or its folder, is write-protected"
    else:
        return path, about is not None
    raise UsageError("no-output", f"{path} cannot be written: {why}.", hint="Choose another file with --output.")


def save(path: Path, text: str) -> None:
    """In one step; as readable for others as the file that it replaces, or as any new file. Raises OSError."""
    os.umask(mask := os.umask(0o077))
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~mask
    put(path, text.encode(), mode)
