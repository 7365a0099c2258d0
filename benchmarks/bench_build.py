"""Lock and build with a warm cache, against the three commands of uv that do as much."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from uv import find_uv_bin

from .measure import Result, paired, timed
from .place import BIG, PLACE, cli, forget, result


def run(rounds: int) -> list[Result]:
    ours, theirs = paired(lock_and_build, plain_uv, rounds)
    name = f"lock + build {' '.join(BIG)}"
    return [Result(name, ours, theirs, "uv pip compile + uv venv + uv pip sync", 1.5)]


def lock_and_build() -> float:
    journal = ""

    def install() -> None:
        nonlocal journal
        journal = cli("install", "--block", "-", "--journal", "-", *BIG, stdin="null")

    seconds = timed(install)
    forget(result(journal)["environment"]["id"])
    return seconds


def plain_uv() -> float:
    folder = PLACE / "uv"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    wanted, locked, env = folder / "in.txt", folder / "locked.txt", folder / "env"
    wanted.write_text("\n".join([*BIG, "ipykernel"]) + "\n", encoding="utf-8")

    def commands() -> None:
        uv("pip", "compile", "--python", base_python(), "--generate-hashes", "--output-file", locked, wanted)
        uv("venv", "--python", base_python(), env)
        uv("pip", "sync", "--python", env, "--require-hashes", locked)

    return timed(commands)


def uv(*words: str | Path) -> None:
    cache = {"UV_CACHE_DIR": str(PLACE / "uv-cache")}
    subprocess.run([find_uv_bin(), "--quiet", *words], env=os.environ | cache, check=True)


def base_python() -> str:
    """The interpreter that .venv was made from, as ours takes it."""
    return str(Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}"))
