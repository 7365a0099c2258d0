"""A stranger's notebook is opened, and the system is asked what was done: no program but the stand-in's, nothing
connected but loopback, no byte changed. For the command line, for REST, and for the kernel that a front end starts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import jupyter_envs
from jupyter_envs.kernel.sweep import ALIVE
from jupyter_envs.model.block import parse_block

from ..bad_inputs import BLOCKS, FILES, lock, notebook, row
from .running import Running, places, running, wait_for

PACKAGE = Path(jupyter_envs.__file__).resolve().parent
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("strace") is None, reason="strace is missing: apt-get install strace"
)
LOG = ["strace", "-f", "--seccomp-bpf", "-s", "4000", "-e", "trace=execve,execveat,connect,sendto,sendmsg", "-o"]
CONFIGURATION = '[[index]]\nname = "evil"\nurl = "http://192.0.2.1/simple"\ndefault = true\n'
MODULES = ("json", "ipykernel", "jupyter_envs", "sitecustomize", "usercustomize", "comm", "typing", "packaging")
_ASKS = {"version": 1, "dependencies": ["demo"]}
BRINGS = _ASKS | lock(row(), spec=parse_block(_ASKS).spec.digest, **{"requires-python": f"==3.{sys.version_info[1]}.*"})
"""What a stranger's notebook looks like when nothing is wrong with it."""
NAMES = ("B8", "B26", "B53", "B54b", "B66", "B73", "B76", "B100f")


def beside(folder: Path) -> None:
    """What may lie next to a notebook in the hope that somebody obeys or imports it."""
    for name in ("uv.toml", "pip.conf", "pip.ini", ".env"):
        (folder / name).write_text(CONFIGURATION)
    (folder / "pyproject.toml").write_text("[tool.uv]\n" + CONFIGURATION.replace("[[index]]", "[[tool.uv.index]]"))
    (folder / ".python-version").write_text("/tmp/evil/python\n")
    for name in MODULES:
        (folder / f"{name}.py").write_text(f"open({str(folder / 'ran')!r}, 'a').write({name!r})\n")
    for name in ("python", "python3", "uv", "git", "pip"):
        (folder / name).write_text(f"#!/bin/sh\necho {name} >> '{folder / 'ran'}'\n")
        (folder / name).chmod(0o755)


def hostile() -> dict[str, bytes]:
    spec = {"kernelspec": {"name": "jupyter-envs", "display_name": "x", "language": "python"}}
    blocks: dict[str, Any] = {"good": BRINGS} | {bad.number: bad.block for bad in BLOCKS if bad.number in NAMES}
    made = {name: notebook(block) for name, block in blocks.items()}
    found = {name: json.dumps(value | {"metadata": value["metadata"] | spec}).encode() for name, value in made.items()}
    return found | {name: FILES[name][0] for name in ("B67", "B67d", "B106")}


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir() if path.is_file()}


class Seen:
    """What strace saw from here on."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._start = log.stat().st_size if log.exists() else 0

    @property
    def text(self) -> str:
        return self._log.read_bytes()[self._start :].decode("utf-8", "replace")

    @property
    def programs(self) -> list[list[str]]:
        return [re.findall(r'"([^"]*)"', words) for words in re.findall(r"execve(?:at)?\([^\[]*\[(.*?)\]", self.text)]

    @property
    def elsewhere(self) -> list[str]:
        """Addresses beyond this machine."""
        lines = [line for line in self.text.splitlines() if re.search(r"sa_family=AF_INET6?\b", line)]
        return [line for line in lines if not re.search(r'inet_addr\("127\.|"::1"|"::ffff:127\.', line)]


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    folder = tmp_path_factory.mktemp("hostile")
    log = folder / "strace.log"
    with running(folder, places(folder), under=[*LOG, str(log)]) as server:
        for name, data in hostile().items():
            (server.root / f"{name}.ipynb").write_bytes(data)
        beside(server.root)
        for name in ("interpreters", "pythons"):
            wait_for((server.home / "cache" / f"{name}.json").exists)  # the server has looked what is here and could be
        yield server, log


def test_looking_by_the_command_line(tmp_path: Path, known_interpreters: bytes) -> None:
    root, log = tmp_path / "root", tmp_path / "log"
    root.mkdir()
    beside(root)
    environ = places(tmp_path) | {"PYENV_ROOT": os.environ["PYENV_ROOT"]}
    cache = tmp_path / "envs" / "cache"
    cache.mkdir(parents=True, mode=0o700)
    (cache / "interpreters.json").write_bytes(known_interpreters)
    for name, data in hostile().items():
        (root / "a.ipynb").write_bytes(data)
        before = state(root)
        argv = [sys.executable, str(PACKAGE / "__main__.py"), "status", "a.ipynb", "--json"]
        trace = [str(shutil.which("strace")), *LOG[1:], str(log)]
        done = subprocess.run([*trace, *argv], cwd=root, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1) and json.loads(done.stdout), (name, done)
        seen = Seen(log)
        seen._start = 0
        assert seen.programs == [argv], name
        assert seen.elsewhere == []
        assert state(root) == before
    assert not (root / "ran").exists()


def test_a_first_look_asks_only_the_pythons_of_this_machine(tmp_path: Path) -> None:
    """Nobody has looked which there are: each is asked once for its version, by its whole path, and reads no file."""
    root, log = tmp_path / "root", tmp_path / "log"
    root.mkdir()
    beside(root)
    (root / "a.ipynb").write_bytes(hostile()["good"])
    before = state(root)
    argv = [sys.executable, str(PACKAGE / "__main__.py"), "status", "a.ipynb"]
    environ = places(tmp_path) | {"PATH": f".:{os.environ['PATH']}"}
    subprocess.run([*LOG, str(log), *argv], cwd=root, env=environ, capture_output=True, check=True)
    seen = Seen(log)
    seen._start = 0
    for words in (words for words in seen.programs if words != argv):
        # A shim of the machine's own is a shell script that starts others.
        assert Path(words[0]).is_absolute() or "-I" not in words, words
        assert str(root) not in words[0]
    assert any(words[1:4] == ["-I", "-S", "-c"] for words in seen.programs)
    assert seen.elsewhere == []
    assert state(root) == before


def test_looking_over_rest(traced: tuple[Running, Path]) -> None:
    server, log = traced
    before, seen = state(server.root), Seen(log)
    for name in hostile():
        status, answer = server.ask("GET", f"jupyter-envs/api/v1/notebooks/{name}.ipynb")
        assert status in (200, 422) and answer, (name, answer)
    assert seen.programs == []
    assert seen.elsewhere == []
    assert state(server.root) == before


@pytest.mark.parametrize("name", ["good", "B8", "B67"])
def test_the_kernel_that_starts_is_the_stand_in(traced: tuple[Running, Path], name: str) -> None:
    server, log = traced
    before, seen = state(server.root), Seen(log)
    body = {"path": f"{name}.ipynb", "name": f"{name}.ipynb", "type": "notebook", "kernel": {"name": "jupyter-envs"}}
    status, session = server.ask("POST", "api/sessions", body)
    assert status == 201, session
    kernel = session["kernel"]["id"]
    alive = server.home / "kernels" / f"{kernel}{ALIVE}"
    wait_for(alive.exists)
    status, told = server.ask("GET", f"jupyter-envs/api/v1/kernels/{kernel}")
    assert told["standin"] is True and told["status"]["state"] == ("not-built" if name == "good" else "invalid")
    server.ask("DELETE", f"api/sessions/{session['id']}")
    (argv,) = seen.programs
    # The server's copy of us may be the installed one.
    assert argv[0] == sys.executable and Path(argv[1]).parts[-3:] == ("jupyter_envs", "launch", "standin.py")
    assert argv[2] == "-f" and len(argv) == 4
    assert seen.elsewhere == []
    assert state(server.root) == before
    assert not (server.root / "ran").exists()
