"""Secrets that the user has for his indexes, and others in his environment, planted and looked for afterwards: in every
file that was written, in every answer, in what the server logged, and in the arguments of every process."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_envs.launch.decision import KernelStart, decide
from jupyter_envs.launch.launch import keep
from jupyter_envs.model.block import parse_block
from jupyter_envs.notebook import NotebookFile
from jupyter_envs.settings import Settings

from ..bad_inputs import notebook
from ..conftest import ELSEWHERE
from ..local_index import LocalIndex
from ..wheels import Dist, wheel
from .running import Running, places, running, wait_for

CANARIES = {
    "in the address": "c4narYaddress",
    "in a variable": "c4narYvariable",
    "in netrc": "c4narYnetrc",
    "of something else": "c4narYelse",
}
API = "jupyter-envs/api/v1"


class Arguments(threading.Thread):
    """Looks at the arguments of all processes below ours, again and again, until the `with` ends."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: set[str] = set()
        self._end = threading.Event()

    def run(self) -> None:
        while not self._end.is_set():
            for process in psutil.Process().children(recursive=True):
                try:
                    self.seen.add("\0".join(process.cmdline()))
                except psutil.Error:
                    continue

    def __enter__(self) -> Arguments:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self.join()


class Scene:
    def __init__(self, server: Running, indexes: list[LocalIndex]) -> None:
        self.server = server
        self.indexes = indexes
        self.answers: list[str] = []

    def ask(self, verb: str, place: str, body: object = None) -> Any:
        _, answer = self.server.ask(verb, f"{API}/{place}", body)
        self.answers.append(json.dumps(answer))
        return answer

    def job(self, **body: Any) -> dict[str, Any]:
        started = self.ask("POST", "jobs", body)
        ended: dict[str, Any] = wait_for(lambda: self._ended(started["id"]), 120)
        return ended

    def _ended(self, job_id: str) -> dict[str, Any] | None:
        job: dict[str, Any] = self.ask("GET", f"jobs/{job_id}")
        return None if job["state"] == "running" else job


@pytest.fixture
def scene(tmp_path: Path, kernel_wheels: list[Dist], known_interpreters: bytes) -> Iterator[Scene]:
    address, variable, netrc, other = CANARIES.values()
    missing = [wheel(name, "999") for name in ELSEWHERE - {dist.name for dist in kernel_wheels}]
    first = LocalIndex([*kernel_wheels, *missing], credentials=("me", address))
    second = LocalIndex([wheel("demo", "2.0", requires=["demo-dep"])], credentials=("me", variable))
    third = LocalIndex([wheel("demo-dep", "1.0")], credentials=("me", netrc))
    environ = places(tmp_path)
    (tmp_path / "envs" / "cache").mkdir(parents=True)
    (tmp_path / "envs").chmod(0o700)
    (tmp_path / "envs" / "cache" / "interpreters.json").write_bytes(known_interpreters)
    with ExitStack() as stack:
        indexes = [stack.enter_context(index) for index in (first, second, third)]
        on_localhost = third.url.replace("127.0.0.1", "localhost")
        environ |= {
            "UV_DEFAULT_INDEX": f"first={first.private_url}",
            "UV_INDEX": f"second={second.url} third={on_localhost}",
            "UV_INDEX_SECOND_USERNAME": "me", "UV_INDEX_SECOND_PASSWORD": variable,
            "AWS_SECRET_ACCESS_KEY": other, "GITHUB_TOKEN": other, "PIP_INDEX_URL": f"https://me:{other}@host.invalid/simple",
        }  # fmt: skip
        (tmp_path / "user" / ".netrc").write_text(f"machine localhost login me password {netrc}\n")
        (tmp_path / "user" / ".netrc").chmod(0o600)
        yield Scene(stack.enter_context(running(tmp_path, environ)), indexes)


def places_with(secret: str, folder: Path) -> list[str]:
    """Files below the folder that hold it, but for the one that the user wrote it into."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink() and path.name != ".netrc"]
    assert len(files) > 50, "the search sees what was written"
    return [str(path) for path in files if secret.encode() in path.read_bytes()]


def test_no_secret_leaves_its_place(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Arguments() as arguments:
        done = scene.job(action="install", notebook="a.ipynb", args={"packages": ["demo"]})
        assert done["state"] == "done", done["error"]
        block = done["result"]["block"]
        scene.indexes[1].faults[".*"] = "401"
        failed = scene.job(action="upgrade", notebook="a.ipynb", block=block, args={})
        assert failed["state"] == "failed" and failed["error"]["details"], failed
        scene.indexes[1].faults[".*"] = "garbage"
        assert scene.job(action="upgrade", notebook="a.ipynb", block=block, args={})["state"] == "failed"
        scene.ask("GET", "packages/demo?version=2.0&index=second")
    file = scene.server.root / "a.ipynb"
    file.write_text(json.dumps(notebook({"version": 1})))
    NotebookFile.read(file).write_block(parse_block(block))
    for place in ("notebooks/a.ipynb", "environments", "consents", "jobs"):
        scene.ask("GET", place)
    settings = Settings(home=scene.server.home, store=scene.server.home / "store")
    keep(decide(KernelStart("k", file), settings), settings)

    assert any("\0pip\0" in words and "--format" in words for words in arguments.seen), "uv was seen at work"
    assert (scene.server.home / "kernels" / "k.json").is_file() and [*(scene.server.home / "jobs").iterdir()]
    for where, secret in CANARIES.items():
        assert places_with(secret, tmp_path) == [], where
        assert not [words for words in arguments.seen if secret in words], where
        assert not [answer for answer in scene.answers if secret in answer], where
