"""A notebook needs a Python that is not here, and uv finds one to fetch."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_envs.engines.uv import pythons
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import ConsentNeeded, EnvsError
from jupyter_envs.machine.interpreters import fetched
from jupyter_envs.model.block import Block
from jupyter_envs.model.options import DEFAULTS, Options
from jupyter_envs.model.progress import SILENT, Report

from ..pythons import Mirror, hide_all_but_fetched, ours
from ..typed import typed

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="the archive is made of a Python for POSIX")
LOCK_ONLY = Options(build=False)


@pytest.fixture(autouse=True)
def no_real_downloads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test that forgets its mirror fails at once."""
    monkeypatch.setenv("UV_PYTHON_INSTALL_MIRROR", "http://127.0.0.1:9")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    yield


@pytest.fixture
def version() -> str:
    return ours().version


@pytest.fixture
def theirs(environments: Environments, mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> Block:
    """Of a notebook whose Python was here when it was locked. uv was asked what it can fetch."""
    with environments.here.engine() as engine:
        pythons.learn(engine)
    block = environments.install(None, typed("demo"), options=LOCK_ONLY).block
    (environments.here.settings.home / "consents.json").unlink()
    hide_all_but_fetched(monkeypatch)
    return block


def rooms(environments: Environments) -> Environments:
    """As another process has them: the configuration is read again."""
    return Environments(environments.here.settings)


def asked(environments: Environments, block: Block, options: Options = DEFAULTS) -> ConsentNeeded:
    with pytest.raises(ConsentNeeded) as caught:
        rooms(environments).build(block, options=options)
    assert caught.value.code == "consent-needed" and nothing_left(environments)
    return caught.value


def failed(environments: Environments, block: Block, report: Report = SILENT) -> EnvsError:
    """What a fetch with everybody's yes ends with; nothing of it is left."""
    with pytest.raises(EnvsError) as caught:
        rooms(environments).build(block, options=Options(accept="yes", fetch_python="yes"), report=report)
    assert nothing_left(environments)
    return caught.value


def nothing_left(environments: Environments) -> bool:
    root = fetched.folder_of(environments.here.settings)
    return [path.name for path in root.glob("*")] in ([], [".lock"]) and not (
        Path(os.environ["HOME"]) / ".local/bin"
    ).exists()
