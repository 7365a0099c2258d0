"""Bytecode is made once, is never checked again, and reaches every environment; what is published cannot be changed."""

from __future__ import annotations

import importlib.util
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_envs.machine.interpreters import Interpreter
from jupyter_envs.store.verification import verify

from ..fakes import HERE
from ..wheels import Dist, wheel
from .bench import Bench
from .sides import Side

UNCHECKED = b"\1\0\0\0"
PACKAGES = [
    wheel("deep", files={"deep/__init__.py": "", "deep/inner/__init__.py": "x = 1\n", "deep/inner/part.py": "", "top.py": ""},
          data={"scripts/run": "#!python\n", "data/share/x.txt": ""}),
    wheel("legacy-a", files={"legacy/__init__.py": "", "legacy/a.py": "a = 1\n"}),
    wheel("legacy-b", files={"legacy/__init__.py": "", "legacy/b.py": "b = 1\n"}),
]  # fmt: skip
MODULES = 7
USE = "import deep.inner.part, top, legacy.a, legacy.b"


def modules(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if name not in (".w", "lib64", "__pycache__")]
        yield from (Path(place, name) for name in names if name.endswith(".py"))


def uncompiled(side: Side) -> list[str]:
    """Modules of an environment without bytecode that is taken unseen."""
    found = list(modules(side.site))
    assert len(found) == MODULES
    return [str(path) for path in found if header(path)[4:8] != UNCHECKED]


def header(module: Path) -> bytes:
    cached = Path(importlib.util.cache_from_source(str(module)))
    return cached.read_bytes()[:16] if cached.exists() else bytes(16)


def everything(folder: Path) -> dict[str, os.stat_result]:
    """Path -> status of each file and folder, links not followed."""
    return {str(path): path.lstat() for path in [folder, *folder.rglob("*")]}


def changes(folder: Path) -> dict[str, tuple[int, int, int]]:
    return {path: (status.st_ino, status.st_mtime_ns, status.st_size) for path, status in everything(folder).items()}


def writable(folder: Path) -> list[str]:
    bits = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
    return [
        path
        for path, status in everything(folder).items()
        if not stat.S_ISLNK(status.st_mode) and status.st_mode & bits
    ]


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def used(side: Side, code: str = USE) -> None:
    done = side.run("-c", code, env={"PATH": os.defpath})
    assert done.returncode == 0, done.stderr


@pytest.fixture(params=["links", "hardlink", "copy"])
def now(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return Bench(tmp_path, request.param, "now")


def test_all_modules_are_compiled_and_nothing_can_be_written_to_any_more(now: Bench) -> None:
    folded = now.folded(*PACKAGES)
    assert uncompiled(folded) == []
    before = changes(now.settings.store)
    used(folded)
    assert changes(now.settings.store) == before
    assert writable(folded.prefix) == []
    for place in ("l", "p"):
        assert writable(now.wheel_folder("deep") / place) == [] == writable(now.wheel_folder("legacy-a") / "l")
    assert os.access(folded.prefix / "bin" / "run", os.X_OK)


@pytest.mark.parametrize(
    ("mode", "used_before"), [("links", False), ("links", True), ("hardlink", True), ("copy", False)]
)
def test_what_is_compiled_later_reaches_environments_that_were_there(
    mode: str, used_before: bool, tmp_path: Path
) -> None:
    """As root a kernel that starts before writes the bytecode itself, through the links: that is no damage."""
    bench = Bench(tmp_path, mode)
    environment = bench.environment(*PACKAGES)
    folded = Side(environment.prefix, environment.version)
    if used_before:
        used(folded)
        assert bench.store.health(environment.id) is None
    bench.finish()
    assert used_before or uncompiled(folded) == []
    used(folded)
    assert bench.store.health(environment.id) is None
    assert [found.damage for found in verify(bench.store)] == [()]


def test_in_the_background_it_ends_by_itself(tmp_path: Path) -> None:
    bench = Bench(tmp_path, compile="background")
    folded = bench.folded(*PACKAGES)
    used(folded)  # it need not have ended
    until(lambda: all(wheel.compiled for wheel in bench.store.own.wheels.all()))
    until(lambda: not running("finish", bench))
    assert all(header(path)[:4] == importlib.util.MAGIC_NUMBER for path in modules(folded.site))
    assert bench.store.health(folded.prefix.parent.name) is None


def running(word: str, bench: Bench) -> bool:
    """Whether a process of ours works for this store."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            argv, environ = (folder / "cmdline").read_bytes().split(b"\0"), (folder / "environ").read_bytes()
        except OSError:
            continue
        if word.encode() in argv and os.fsencode(bench.settings.store) in environ:
            return True
    return False


def test_bytecode_that_a_wheel_brings_is_replaced(tmp_path: Path) -> None:
    bench = Bench(tmp_path, compile="now")
    cached = f"old/__pycache__/part.{sys.implementation.cache_tag}.pyc"
    folded = bench.folded(
        wheel("old", files={"old/__init__.py": "", "old/part.py": "x = 1\n", cached: b"not bytecode"})
    )
    assert folded.printed("import old.part; print(old.part.x)") == "1"
    assert [found.damage for found in verify(bench.store)] == [()]


def test_modules_that_cannot_be_compiled_do_no_harm(tmp_path: Path) -> None:
    bad: Dist = wheel(
        "bad",
        files={
            "bad/__init__.py": "good = 1\n",
            "bad/template.py": "{{ no python }}\n",
            "bad/latin.py": b"x = '\xe9'\n",
        },
    )
    folded = Bench(tmp_path, compile="now").folded(bad)
    assert folded.printed("import bad; print(bad.good)") == "1"
    assert "SyntaxError" in folded.run("-c", "import bad.template").stderr


@pytest.mark.parametrize("minor", ["3.8", "3.13"])
def test_each_python_has_its_own(minor: str, pythons: dict[str, Interpreter], tmp_path: Path) -> None:
    if minor not in pythons:
        pytest.skip(f"no Python {minor} here")
    bench = Bench(tmp_path, compile="now")
    sides = [bench.folded(PACKAGES[0], python=python) for python in (HERE, pythons[minor])]
    tags = [side.printed("import sys; print(sys.implementation.cache_tag)") for side in sides]
    for side, tag, other in zip(sides, tags, reversed(tags), strict=True):
        cached = [path.name for path in (side.site / "deep" / "__pycache__").iterdir()]
        assert cached and all(tag in name and other not in name for name in cached)
        before = changes(bench.settings.store)
        used(side, "import deep.inner.part, top")
        assert changes(bench.settings.store) == before
    assert len(list(bench.store.own.wheels.all())) == 2
