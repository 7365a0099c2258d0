"""A fetch ends with a Python, or leaves nothing: whatever comes, whoever stops it, and however many begin it."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from jupyter_envs.engines.uv import fetch_python
from jupyter_envs.environments.cleaning import clean
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import Cancelled
from jupyter_envs.kernel.leases import lock
from jupyter_envs.machine import interpreters
from jupyter_envs.machine.interpreters import fetched
from jupyter_envs.model.block import Block
from jupyter_envs.model.options import Options
from jupyter_envs.model.progress import Report

from ..pythons import Mirror, stuck
from ..store.mounts import tmpfs
from .conftest import POSIX, failed, nothing_left, rooms

pytestmark = POSIX


def test_what_is_not_what_uv_knows_is_thrown_away(
    environments: Environments, theirs: Block, mirror: Mirror, python_archive: Path, version: str
) -> None:
    mirror.add(python_archive, version, sha256="0" * 64)
    error = failed(environments, theirs)
    assert (error.code, "sha256 differs" in error.sentence) == (
        "python-damaged",
        True,
    ) and "Hash mismatch" in error.details


def test_half_an_archive_is_thrown_away(
    environments: Environments, theirs: Block, mirror: Mirror, python_archive: Path, version: str, tmp_path: Path
) -> None:
    half = tmp_path / "half.tar.gz"
    half.write_bytes(python_archive.read_bytes()[:2_000_000])
    mirror.add(half, version)
    assert failed(environments, theirs).code == "python-damaged"


def test_one_that_says_it_is_another_is_thrown_away(
    environments: Environments, theirs: Block, mirror: Mirror, python_archive: Path, version: str
) -> None:
    mirror.add(python_archive, f"{version.rpartition('.')[0]}.98")
    assert failed(environments, theirs).code == "python-fetch-failed"


def test_a_mirror_that_is_not_there(
    environments: Environments, theirs: Block, mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    for url in ((tmp_path / "nothing").as_uri(), "http://127.0.0.1:9"):
        mirror.use(monkeypatch, url)
        assert failed(environments, theirs).code == "python-unreachable"


@pytest.mark.parametrize("text", ["{", '{"x": 1}', "[]"])
def test_a_list_that_cannot_be_read(environments: Environments, theirs: Block, mirror: Mirror, text: str) -> None:
    (mirror.folder / "list.json").write_text(text)
    assert failed(environments, theirs).code in ("python-fetch-failed", "python-unknown")


def test_cancelled_in_the_middle_it_leaves_nothing(
    environments: Environments, theirs: Block, mirror: Mirror, python_archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stuck(python_archive) as (url, begun):
        mirror.use(monkeypatch, url)

        class Impatient(Report):
            @property
            def cancelled(self) -> bool:
                return begun.is_set()

        assert isinstance(failed(environments, theirs, Impatient()), Cancelled)


@pytest.mark.parametrize("size", ["16k", "3m", "12m"])
def test_a_full_disk_is_named_and_left_as_it_was(environments: Environments, theirs: Block, size: str) -> None:
    with tmpfs(fetched.folder_of(environments.here.settings), size) as disk:
        error = failed(environments, theirs)
        assert error.code == "disk-full" and str(disk) in error.sentence, error.details
        assert nothing_left(environments)


def test_what_a_kill_left_is_never_found_and_goes_with_the_next_fetch(
    environments: Environments, theirs: Block, version: str
) -> None:
    half = fetched.folder_of(environments.here.settings) / f"{version}-deadbeef"
    program = half / f"cpython-{version}-x" / "bin" / "python3"
    program.parent.mkdir(parents=True)
    answer = json.dumps(["cpython", version, "x", "", str(program)])
    program.write_text(f"#!/bin/sh\necho '{answer}'\n")
    program.chmod(0o755)
    assert interpreters.discover(environments.here.settings) == ()
    assert rooms(environments).build(theirs, options=Options(accept="yes", fetch_python="yes"))
    assert not half.exists()


def test_without_locks_what_somebody_may_be_fetching_is_left_alone(
    environments: Environments, theirs: Block, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = fetched.folder_of(environments.here.settings) / f"{version}-deadbeef"
    half.mkdir(parents=True)
    monkeypatch.setattr(fetch_python, "works", lambda _: False)
    assert rooms(environments).build(theirs, options=Options(accept="yes", fetch_python="yes"))
    assert half.exists()


def test_the_broom_takes_it_a_day_later_and_nothing_that_is_used(
    environments: Environments, theirs: Block, version: str
) -> None:
    rooms(environments).build(theirs, options=Options(accept="yes", fetch_python="yes"))
    half = fetched.folder_of(environments.here.settings) / f"{version}-deadbeef"
    half.mkdir()
    assert half not in clean(environments.here, 0, dry_run=True).leftovers
    os.utime(half, (0, 0))
    with (half.parent / ".lock").open("r+b") as file:
        lock(file.fileno(), exclusive=True)
        assert half not in clean(environments.here, 0).leftovers, "somebody fetches"
    assert half in clean(environments.here, None).leftovers and not half.exists()
    assert len(list(fetched.prefixes(environments.here.settings))) == 1


def test_two_that_need_it_at_once_fetch_it_once(environments: Environments, theirs: Block) -> None:
    ends: list[str] = []

    def build() -> None:
        ends.append(rooms(environments).build(theirs, options=Options(accept="yes", fetch_python="yes")).id)

    threads = [threading.Thread(target=build) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ends) == 3 and len(set(ends)) == 1
    assert len(list(fetched.prefixes(environments.here.settings))) == 1
