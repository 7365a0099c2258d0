"""SIGKILL in every verb, at the Nth time that it asks the system for something: the notebook is the old or the new one,
the files of the home are whole, the same command works afterwards, and what is left is swept."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import jupyter_envs
from jupyter_envs.notebook import NotebookFile

from .local_index import LocalIndex
from .test_cli import made

CALLS = {"rename": 1, "renameat2": 1, "fsync": 1, "chmod": 5, "fchmod": 1, "flock": 2, "unlink": 1, "unlinkat": 7, "link": 1,
         "write": 3, "openat": 149, "mkdir": 11, "symlink": 43, "ftruncate": 1}  # fmt: skip
"""What a verb asks for, and how far apart the kills are with `--all`: it opens hundreds of files of Python."""
MOST = 16
"""So many kills of one verb at one kind of call are enough: gc deletes thousands of files."""
VERBS = {
    "install": ["install", "a.ipynb", "demo==2.0"],
    "install, several names": ["install", "linked.ipynb", "demo==2.0"],
    "remove": ["remove", "a.ipynb", "shout"],
    "upgrade": ["upgrade", "a.ipynb"],
    "install -U": ["install", "a.ipynb", "demo>=1", "-U"],
    "undo": ["undo", "a.ipynb"],
    "lock": ["lock", "a.ipynb"],
    "python": ["python", "a.ipynb", f"{sys.version_info[0]}.{sys.version_info[1]}"],
    "build": ["build", "a.ipynb", "--accept"],
    "run": ["run", "a.ipynb"],
    "run, several names": ["run", "linked.ipynb"],
    "run --output": ["run", "a.ipynb", "--output", "out.ipynb"],
    "status": ["status", "a.ipynb"],
    "list": ["list", "--check"],
    "gc": ["gc", "--unused-for", "0"],
    "verify": ["verify", "--all"],
    "consent": ["consent", "revoke", "--all"],
    "kernelspec": ["kernelspec", "add", "a.ipynb"],
    "shell": ["shell", "a.ipynb", "--", "true"],
    "activate": ["activate", "a.ipynb"],
    "doctor": ["doctor"],
}
ENTRY = Path(jupyter_envs.__file__).with_name("__main__.py")


class Scene:
    def __init__(self, work: Path, home: Path) -> None:
        self.work, self.home = work, home
        self.notebook = made(work / "a.ipynb", "print(1)")
        for words in (["install", "a.ipynb", "demo==1.0"], ["install", "a.ipynb", "shout"]):
            assert self.verb(words).returncode == 0
        self.before = self.notebook.read_bytes()

    def fresh(self) -> None:
        for name in ("a.ipynb", "linked.ipynb", "name.ipynb", "out.ipynb"):
            (self.work / name).unlink(missing_ok=True)
        self.notebook.write_bytes(self.before)
        (self.work / "linked.ipynb").write_bytes(self.before)
        os.link(self.work / "linked.ipynb", self.work / "name.ipynb")
        shutil.rmtree(self.home.parent / "data" / "kernels", ignore_errors=True)

    def verb(self, words: list[str], *inject: str) -> subprocess.CompletedProcess[str]:
        program = ["strace", "-qq", "-o", os.devnull, *inject] if inject else []
        argv = [*program, sys.executable, str(ENTRY), *words]
        return subprocess.run(argv, capture_output=True, text=True, cwd=self.work, check=False, timeout=120)

    def killed(self, words: list[str], call: str, number: int) -> subprocess.CompletedProcess[str]:
        return self.verb(words, "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}")

    def counts(self, words: list[str]) -> dict[str, int]:
        """How often it asks for each of CALLS."""
        log = self.work / "calls"
        argv = ["strace", "-qq", "-o", str(log), "-e", "trace=" + ",".join(CALLS), sys.executable, str(ENTRY), *words]
        subprocess.run(argv, capture_output=True, cwd=self.work, check=False, timeout=120)
        found = Counter(line.split("(")[0] for line in log.read_text(errors="replace").splitlines() if "(" in line)
        log.unlink()
        return {call: found[call] for call in CALLS if found[call]}

    def problems(self) -> Iterator[str]:
        for name in ("a.ipynb", "linked.ipynb"):
            try:
                file = NotebookFile.read(self.work / name)
            except jupyter_envs.errors.EnvsError as error:
                yield f"{name}: {error.sentence}"
                continue
            if ["".join(cell["source"]) for cell in file.content["cells"]] != ["print(1)"] or file.block is None:
                yield f"{name}: another notebook"
        if not (self.work / "linked.ipynb").samefile(self.work / "name.ipynb"):
            yield "two names of a file are two files"
        for path in self._json():
            try:
                json.loads(path.read_bytes())
            except FileNotFoundError:
                continue
            except ValueError as error:
                yield f"{path}: {error}"

    def _json(self) -> Iterator[Path]:
        for place, folders, names in os.walk(self.home):
            folders[:] = [
                name for name in folders if not name.startswith(("b-", "uv")) and name not in ("l", "p", "trash")
            ]
            yield from (Path(place, name) for name in names if name.endswith(".json") and not name.startswith("."))

    def strays(self) -> list[str]:
        return sorted(path.name for path in self.work.iterdir() if path.name.startswith("."))


@pytest.fixture
def scene(tmp_path: Path, home: Path, index: LocalIndex) -> Scene:
    if not shutil.which("strace"):
        pytest.skip("needs strace")
    work = tmp_path / "work"
    work.mkdir()
    return Scene(work, home)


def kills(scene: Scene, everything: bool) -> Iterator[tuple[str, str, int]]:
    """(verb, call, number): a few at random, or all in steps."""
    if not everything:
        calls = ("rename", "renameat2", "fsync", "chmod", "flock", "unlink", "write")
        yield from ((verb, random.choice(calls), random.randint(1, 2)) for verb in random.sample(sorted(VERBS), 6))
        return
    for verb, words in VERBS.items():
        scene.fresh()
        counts = scene.counts(words)
        print(verb, counts, time.strftime("%X"), flush=True)
        for call, most in counts.items():
            yield from ((verb, call, number) for number in range(1, most + 1, max(CALLS[call], most // MOST)))


@pytest.mark.timeout(7200)
def test_a_verb_that_is_killed_at_any_moment_harms_nothing(scene: Scene, request: pytest.FixtureRequest) -> None:
    everything = request.config.getoption("--all")
    seen: Counter[str] = Counter()
    where = ""
    for verb, call, number in kills(scene, everything):
        where = f"{verb}: {call} {number}"
        scene.fresh()
        done = scene.killed(VERBS[verb], call, number)
        killed = done.returncode in (-9, 137)
        seen["killed" if killed else "ended before"] += 1
        assert killed or "error[internal]" not in done.stderr, f"{where}: {done.stderr[-500:]}"
        assert list(scene.problems()) == [], where
        left = scene.strays()
        seen["left something beside the notebook"] += bool(left)
        if left or (everything and seen["killed"] % 9 == 0):
            goes_on(scene, where)
            seen["went on"] += 1
    goes_on(scene, where)
    aged(scene.home)
    assert scene.verb(["gc"]).returncode == 0
    assert left_in(scene.home) == []
    print(dict(seen))


def goes_on(scene: Scene, where: str) -> None:
    """The environment can be built, and the next write sweeps."""
    change = ["withdrawn", "--no-build-env"]
    again = [["build", "a.ipynb", "--accept"], ["install", "a.ipynb", *change], ["install", "linked.ipynb", *change]]
    if (scene.work / "out.ipynb").exists() or any(name.startswith(".out.") for name in scene.strays()):
        again.append(["run", "a.ipynb", "--output", "out.ipynb"])
    for words in again:
        done = scene.verb(words)
        assert done.returncode == 0, f"{where}: {words}: {done.stderr[-500:]}"
    assert scene.strays() == [], where
    assert list(scene.problems()) == [], where


def aged(home: Path) -> None:
    """As if some hours had gone by."""
    for path in home.rglob("*"):
        if path.name.startswith(".") and path.is_file() and not path.is_symlink():
            os.utime(path, (time.time() - 7200,) * 2)


def left_in(home: Path) -> list[Path]:
    places = [home, *(home / name for name in ("base", "cache", "locks", "kept", "pending"))]
    found = [path for place in places if place.exists() for path in place.iterdir() if path.name.startswith(".")]
    return [*found, *(home / "kept").glob("*-before.ipynb")]
