"""What a page says of a kernel follows from what the kernel sees, and not only from its block and the store."""

from __future__ import annotations

import sys

import pytest

from jupyter_envs.consent.consents import SEEN
from jupyter_envs.model.block import EMPTY, parse_block

from . import environments
from .rest import wire

OLD = {**wire("kernel-ready")["environment"], "id": "b" * 26, "prefix": "/old", "packages": {"six": "1.16.0"}}


@pytest.fixture
def block():
    """Its environment would be one pure wheel: six 1.17.0."""
    row = {key: value for key, value in wire("block")["lock"]["packages"][2].items() if key != "index"}
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    lock = wire("block")["lock"] | {"packages": [row], "requires-python": f"=={minor}.*", "spec": EMPTY.spec.digest}
    return {"version": 1, "lock": lock}


@pytest.fixture
def built(envs, block):
    """The id of the block's environment, which is approved and there."""
    here = envs.environments.here
    closure = here.closure(parse_block(block).lock)
    here.consents.remember(here.consent_digest(closure), closure, SEEN)
    environments.publish(envs.core, closure.id, {"six": "1.17.0"})
    return closure.id


@pytest.fixture
def kernel(ask, new_session, write_context):
    async def told(**context):
        kernel_id = (await new_session("work/a.ipynb"))["kernel"]["id"]
        write_context(kernel_id, {"notebook": None, "standin": False, **context})
        return (await ask("GET", f"kernels/{kernel_id}")).json

    return told


async def test_one_that_runs_its_notebooks_environment_needs_nothing(kernel, block, built):
    said = await kernel(block=block, environment=OLD | {"id": built})
    assert (said["status"]["state"], said["next"], said["restart"]) == ("ready", None, None)


async def test_one_that_was_not_told_of_the_environment_of_its_block(kernel, block, built):
    """Installed without a kernel, reverted, reloaded from disk, or changed in a terminal."""
    said = await kernel(block=block, environment=OLD)
    assert said["environment"]["packages"] == {"six": "1.16.0"}, "that is what it can import"
    assert (said["next"]["id"], said["next"]["packages"], said["restart"]) == (built, {"six": "1.17.0"}, None)


async def test_one_that_has_loaded_what_changes(kernel, block, built):
    sentence = "restart to use six 1.17.0"
    said = await kernel(block=block, environment=OLD | {"id": built}, seen=OLD, restart=sentence)
    assert (said["environment"]["id"], said["next"]["id"], said["restart"]) == (OLD["id"], built, sentence)


async def test_a_restart_that_was_for_another_environment_is_not_the_reason(kernel, block, built):
    """Somebody has changed the block since."""
    said = await kernel(block=block, environment=OLD | {"id": "c" * 26}, seen=OLD, restart="restart to use six 9")
    assert (said["next"]["id"], said["restart"]) == (built, None)


async def test_a_change_that_was_taken_back_needs_no_restart(kernel, block, built):
    said = await kernel(block=block, environment=OLD, seen=OLD | {"id": built}, restart="restart to use six 1.16.0")
    assert (said["environment"]["id"], said["next"]["id"], said["restart"]) == (built, built, None), "it has to be told"


async def test_one_whose_notebook_has_no_packages_any_more(kernel, envs):
    environments.base(envs.core)
    said = await kernel(block=None, environment=OLD, base=False)
    assert (said["status"]["state"], said["next"]["packages"], said["restart"]) == (
        "no-block", {"ipykernel": "7.4.0"}, None,
    )  # fmt: skip
    refused = await kernel(block=None, environment=said["next"], base=True, seen=OLD, restart="restart the kernel")
    assert (refused["next"], refused["restart"]) == (said["next"], "restart the kernel")


async def test_one_in_a_base_environment_stays_in_it(kernel, envs):
    environments.base(envs.core)
    assert (await kernel(block=None, environment=OLD, base=True))["next"] is None


async def test_a_question_that_waits_is_told(kernel):
    assert (await kernel(block=None, environment=None, base=True, asking="Build it? [y/N] "))["asking"] == (
        "Build it? [y/N] "
    )


async def test_a_stand_in_sees_nothing(kernel, block, built):
    said = await kernel(block=block, environment=None, standin=True)
    assert (said["environment"], said["next"], said["restart"]) == (None, None, None)
