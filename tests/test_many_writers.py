"""Several processes add to the same files of a home at once, and nothing that one has added is gone afterwards; whether
or not files can be locked there."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

import jupyter_envs

ROOT = Path(jupyter_envs.__file__).parent.parent
PROCESSES, EACH = 3, 30
WITHOUT_LOCKS = """
import errno, fcntl
def flock(*_):
    raise OSError(errno.ENOSYS, "as on some network file systems")
fcntl.flock = flock
"""
START = """
import os, sys
from pathlib import Path
from jupyter_envs.settings import Settings
settings = Settings.load()
home, me = settings.home, sys.argv[1]
names = [f"{me}-{n}" for n in range(int(sys.argv[2]))]
print('ready', flush=True)
sys.stdin.read(1)
"""
PROGRAMS = {
    "local.json": """
from jupyter_envs.engines.local_folders import LocalSources
GO
for name in names:
    LocalSources(home).remember(Path("/", name), editable=False)
""",
    "consents.json": """
from jupyter_envs.consent.consents import Consents
GO
for name in names:
    Consents(settings).remember_startup([name])
""",
    "cache/asked.json": """
from jupyter_envs.machine import indexes
from jupyter_envs.engines.uv.index_age import Asked
asked = Asked(settings, indexes.load(settings))
GO
for name in names:
    asked.remember([name], 1.0)
""",
    "cache/newest.json": """
from jupyter_envs.machine import indexes
from jupyter_envs.engines.uv.index_age import Asked
asked = Asked(settings, indexes.load(settings))
if me == "0":
    asked.remember(["demo"], 1.0)
GO
for name in names:
    asked.remember_answer(name, ["demo"], [])
""",
    "cache/interpreters.json": """
from jupyter_envs.machine.interpreters.discovery import _Cache
cache = _Cache(settings.cache / "interpreters.json")
GO
for name in names:
    cache.put(Path("/added", name), None)
    cache.save()
""",
    "uses": """
from jupyter_envs.store import uses
GO
for name in names[:16]:
    uses.remember(home, "a" * 26, "/" + name)
""",
    "kernels/k.changes": """
from jupyter_envs.kernel import stub_folder as stubs
from jupyter_envs.kernel.context import Context
(home / "kernels").mkdir(mode=0o700, exist_ok=True)
context, taken = Context(str(home / "kernels" / "k.json")), []
GO
for name in names:
    stubs.leave(context, name)
    taken += stubs.take(context) if me == "0" else []
if me == "0":
    (home / "taken").write_text("".join(line + chr(10) for line in taken))
""",
}


def added(home: Path, name: str) -> int:
    file = home / name
    match name:
        case "uses":
            return len(json.loads((file / f"{'a' * 26}.json").read_bytes())["notebooks"])
        case "kernels/k.changes":
            left = file.read_text() if file.exists() else ""
            return len(((home / "taken").read_text() + left).splitlines())
        case "cache/asked.json":
            return sum(len(known) for known in json.loads(file.read_bytes()).values())
        case "cache/interpreters.json":
            return sum(path.startswith("/added/") for path in json.loads(file.read_bytes()))
        case "consents.json":
            return len(json.loads(file.read_bytes())["startup"])
        case _:
            return len(json.loads(file.read_bytes()).keys() - {"salt"})


EXPECTED = {"uses": PROCESSES * 16}


def at_once(program: str, before: str = "") -> None:
    """Each loads first (what stands before GO), then all begin."""
    code = before + START.replace("print(", program.partition("GO")[0] + "print(", 1) + program.partition("GO")[2]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with ExitStack() as stack:
        running: list[subprocess.Popen[str]] = []
        for number in range(PROCESSES):
            argv = [sys.executable, "-c", code, str(number), str(EACH)]
            running.append(stack.enter_context(subprocess.Popen(argv, cwd=ROOT, text=True, **pipes)))
        for process in running:
            assert process.stdout and process.stdout.readline() == "ready\n"
        for process in running:
            assert process.stdin
            process.stdin.write("x")
            process.stdin.flush()
        said = [process.communicate(timeout=120)[1] for process in running]
        assert said == [""] * PROCESSES


@pytest.mark.parametrize("locks", [True, False], ids=["with locks", "without locks"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_what_each_has_added_is_there(home: Path, name: str, locks: bool) -> None:
    if not locks and sys.platform == "win32":
        pytest.skip("there is no flock to take away")
    at_once(PROGRAMS[name], "" if locks else WITHOUT_LOCKS)
    assert added(home, name) == EXPECTED.get(name, PROCESSES * EACH)
