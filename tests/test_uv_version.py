"""uv that is missing, too old, crashes or prints junk: said in a sentence, before it has anything to do."""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path

import pytest

from jupyter_envs.engines.uv import version
from jupyter_envs.engines.uv.tool import Engine
from jupyter_envs.errors import InstallError
from jupyter_envs.machine.indexes import Indexes
from jupyter_envs.settings import Settings


def program(folder: Path, script: str) -> Path:
    path = folder / "uv"
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


BROKEN = {
    "exit 127": "engine-failed",
    "kill -SEGV $$": "engine-failed",
    "echo hello": "engine-failed",
    "echo 'uv 99'": "engine-failed",
    "echo 'uv 0.11.27 (x 2026)'": "engine-old",
    "echo 'uv 0.9.30'": "engine-old",
    "head -c 9000000 /dev/zero | tr '\\0' '\\033'; exit 3": "engine-failed",
}


@pytest.mark.skipif(os.name != "posix", reason="a script stands in for uv")
@pytest.mark.parametrize(("script", "code"), BROKEN.items())
def test_a_uv_that_cannot_be_used_is_an_error_with_one_command(
    settings: Settings, tmp_path: Path, script: str, code: str
) -> None:
    with Engine(settings, Indexes(()), program(tmp_path, script)) as engine, pytest.raises(InstallError) as caught:
        engine.run(["pip", "list"])
    assert caught.value.code == code
    assert "pip install" in caught.value.hint
    assert "\x1b" not in caught.value.details


def test_a_uv_that_is_not_there(settings: Settings, tmp_path: Path) -> None:
    with Engine(settings, Indexes(()), tmp_path / "uv") as engine, pytest.raises(InstallError) as caught:
        engine.run(["pip", "list"])
    assert caught.value.code == "engine-missing"
    assert "pip install" in caught.value.hint


@pytest.mark.skipif(os.name != "posix", reason="a script stands in for uv")
@pytest.mark.parametrize(
    "script", [f"kill -{int(signal.SIGSEGV)} $$", "echo junk >&2; exit 9", "yes junk | head -c 9000000 >&2; exit 1"]
)
def test_a_uv_that_fails_at_work(settings: Settings, tmp_path: Path, script: str) -> None:
    asked_first = f'case "$*" in --version) echo "uv 0.13.0";; *) {script};; esac'
    with Engine(settings, Indexes(()), program(tmp_path, asked_first)) as engine, pytest.raises(InstallError) as caught:
        engine.run(["pip", "list"])
    assert caught.value.code == "engine-failed"
    assert len(caught.value.details) <= 1 << 20


@pytest.mark.skipif(os.name != "posix", reason="a script stands in for uv")
def test_the_same_file_is_asked_once(settings: Settings, tmp_path: Path) -> None:
    uv = program(tmp_path, f"echo asked >> {tmp_path}/log; echo 'uv 1.0.0'")
    for _ in range(3):
        version.check(uv, settings.cache)
    assert (tmp_path / "log").read_text() == "asked\n"
    program(tmp_path, "echo 'uv 0.1.0'")
    with pytest.raises(InstallError, match="too old"):
        version.check(uv, settings.cache)
