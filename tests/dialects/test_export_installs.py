"""pip and uv install exactly what we export."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest
from uv import find_uv_bin

from tests.local_index import LocalIndex
from tests.test_cli import Cli, block_in, cli, notebook, signals
from tests.wheels import wheel

__all__ = ["cli", "notebook", "signals"]
PIP = [sys.executable, "-m", "pip", "--isolated", "install", "--disable-pip-version-check", "--no-compile"]
UV = [find_uv_bin(), "--no-config", "pip", "install", "--python", sys.executable]


@pytest.fixture
def exported(cli: Cli, notebook: Path, index: LocalIndex) -> dict[str, str]:
    """The versions in the lock of a notebook, whose exports lie beside it, and newer ones in the index."""
    assert cli("install", notebook, "demo", "shout ; sys_platform != 'none'", "--no-build-env").code == 0
    for form in ("requirements.txt", "constraints.txt", "pylock.toml"):
        assert cli("export", notebook, "--format", form, "--output", form).code == 0
    index.add(wheel("demo", "3.0"), wheel("demo-dep", "1.2"), wheel("shout", "2.0"))
    lock = block_in(notebook).lock
    assert lock
    return {row.name: row.version for row in lock.packages}


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        (PIP, ("--require-hashes", "-r", "requirements.txt")),
        (UV, ("--require-hashes", "-r", "requirements.txt")),
        (PIP, ("-r", "pylock.toml")),
        (UV, ("-r", "pylock.toml")),
        (PIP, ("-c", "constraints.txt", "demo", "shout")),
        (UV, ("-c", "constraints.txt", "demo", "shout")),
    ],
    ids=lambda value: Path(value[0]).stem if len(value) > 4 else value[1],
)  # fmt: skip
def test_a_tool_installs_the_versions_of_the_lock(
    exported: dict[str, str], index: LocalIndex, tmp_path: Path, tool: list[str], words: tuple[str, ...]
) -> None:
    target = tmp_path / "installed"
    where = [] if "pylock.toml" in words else ["--index-url", index.url]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    cache = {"PIP_NO_CACHE_DIR": "1", "UV_CACHE_DIR": str(tmp_path / "cache")}
    done = subprocess.run(
        [*tool, *where, "--target", target, *words], capture_output=True, text=True, env=env | cache, check=False
    )
    assert done.returncode == 0, done.stderr
    found = {
        dist.name.lower().replace("_", "-").replace(".", "-"): dist.version
        for dist in distributions(path=[str(target)])
    }
    assert {"demo": "2.0", "demo-dep": "1.1", "shout": "1.0"}.items() <= found.items()
    assert found.items() <= exported.items()
