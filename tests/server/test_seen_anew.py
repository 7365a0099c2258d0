"""What changes on this machine while a server runs is seen by its next answer, as by the next kernel's start."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nbformat
import pytest
from msgspec.structs import replace

from jupyter_envs.consent.consents import SEEN
from jupyter_envs.machine import interpreters
from jupyter_envs.model.block import parse_block
from jupyter_envs.server.kernels import KernelFile

from .environments import publish
from .test_polling import raw  # noqa: F401  # a fixture


@pytest.fixture
def asked(envs, ask, raw, jp_root_dir):
    """A notebook whose environment is built and approved."""
    block = parse_block(raw)
    closure = envs.environments.here.closure(block.lock)
    envs.environments.here.consents.remember(envs.environments.here.consent_digest(closure), closure, SEEN)
    publish(envs.core, closure.id, {})
    made = nbformat.v4.new_notebook(metadata={"jupyter_envs": raw})
    (jp_root_dir / "a.ipynb").write_text(nbformat.writes(made))

    async def asked():
        return (await ask("GET", "notebooks/a.ipynb")).json["status"]

    return asked


@pytest.fixture
def policy(tmp_path, monkeypatch):
    """The file is there, or not, as for a policy that comes later."""
    file = tmp_path / "policy.json"
    monkeypatch.setenv("JUPYTER_ENVS_POLICY", str(file))
    return file


async def test_a_policy_that_comes_holds_at_once(policy, asked, envs, raw):
    assert (await asked())["state"] == "ready"
    assert envs.states.built(KernelFile(block=raw, standin=True))
    policy.write_text(json.dumps({"others": "refuse"}))
    status = await asked()
    assert (status["state"], status["error"]["code"]) == ("not-built", "policy-package")
    assert envs.states.built(KernelFile(block=raw, standin=True)) is None
    policy.unlink()
    assert (await asked())["state"] == "ready"


async def test_another_index_is_seen_at_once(asked):
    """An approval holds for the indexes that were shown with it."""
    first = (await asked())["consent"]["digest"]
    configuration = Path(os.environ["XDG_CONFIG_HOME"], "uv", "uv.toml")
    configuration.parent.mkdir(parents=True, exist_ok=True)
    configuration.write_text('[[index]]\nname = "other"\nurl = "https://other.example/simple"\n')
    assert (await asked())["consent"]["digest"] != first


async def test_a_stand_in_sees_what_was_built_for_another_python(envs, raw, monkeypatch, tmp_path):
    """As after an upgrade of the system's Python, where the stand-in waits since before it."""
    waiting = KernelFile(block=raw, standin=True)
    assert envs.states.built(waiting) is None
    python = replace(interpreters.choose(None, envs.core), path=tmp_path / "python")
    python.path.symlink_to(interpreters.choose(None, envs.core).path)
    monkeypatch.setattr(interpreters, "choose", lambda *_, **__: python)
    block = parse_block(raw)
    closure = envs.environments.here.closure(block.lock)
    envs.environments.here.consents.remember(envs.environments.here.consent_digest(closure), closure, SEEN)
    assert envs.states.built(waiting) is None
    prefix = publish(envs.core, closure.id, {})
    assert envs.states.built(waiting) == str(prefix)
