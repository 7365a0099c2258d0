#!/usr/bin/env python3
"""How `jupyter_envs-0.1.0.tar.xz` was made: `python tests/former/pack.py`, in a clone that has the commit. The same bytes
come out each time."""

from __future__ import annotations

import io
import lzma
import subprocess
import tarfile
from pathlib import Path

COMMIT = "2b8bd610fceeca74101b0fee844c27d5fe9d2985"
ARCHIVE = Path(__file__).resolve().with_name("jupyter_envs-0.1.0.tar.xz")
ROOT = ARCHIVE.parent.parent.parent
NOT_RUN = (".ruff.toml",)


def packed() -> bytes:
    """The package of 0.1.0. Raises CalledProcessError where the commit is not known."""
    asked = ["git", "-C", str(ROOT), "archive", "--format=tar", COMMIT, "jupyter_envs"]
    given = subprocess.run(asked, capture_output=True, check=True).stdout
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(given)) as source, tarfile.open(fileobj=out, mode="w") as target:
        for member in source:
            if member.isfile() and not member.name.endswith(NOT_RUN):
                plain = tarfile.TarInfo(member.name)
                plain.size, plain.mtime = member.size, member.mtime
                target.addfile(plain, source.extractfile(member))
    return lzma.compress(out.getvalue(), preset=9 | lzma.PRESET_EXTREME)


def unpacked(data: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress(data))) as archive:
        return {member.name: found.read() for member in archive if (found := archive.extractfile(member))}


if __name__ == "__main__":
    ARCHIVE.write_bytes(packed())
