"""What the lines of the exam name besides the tests' own packages: requirements files of all kinds, and packages with
extras."""

from __future__ import annotations

import re
from pathlib import Path

from ..local_index import LocalIndex
from ..wheels import wheel

FILES = {"requirements.txt": "demo\n", "sub/more.txt": "-r ../requirements.txt\nshout\n", "limits.txt": "demo<2\n"}


def add_packages(index: LocalIndex) -> None:
    index.add(
        wheel("bundle", "1.0", requires=["shout; extra == 'more'", "demo-dep; extra == 'less'"]),
        *(wheel(name) for name in ("setuptools", "wheel")),
    )


def write_files(folder: Path, index: LocalIndex) -> None:
    """Into a notebook's folder."""
    hashed = "".join(
        f"{listed.dist.name}=={listed.dist.version} \\\n    --hash=sha256:{listed.dist.sha256}\n"
        for name in ("demo", "demo-dep") for listed in index.listed[name] if listed.dist.version == "1.0"
    )  # fmt: skip
    texts = FILES | {"hashed.txt": hashed, "wrong-hash.txt": re.sub(r"sha256:..", "sha256:00", hashed)}
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "powershell.txt").write_bytes("demo\r\n".encode("utf-16"))
