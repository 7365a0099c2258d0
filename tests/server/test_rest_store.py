"""Environments, consents, kernelspecs and interpreters over REST."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_envs.block import EMPTY, parse_block
from jupyter_envs.server.stored import Use, in_use

from .environments import publish
from .rest import KERNEL, check, wire

ENVIRONMENT = "aaaabbbbccccddddeeeeffff22"
MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def published(envs):
    """An environment in the store, as a build leaves it."""
    return publish(envs.core, ENVIRONMENT, {"ipykernel": "7.4.0", "six": "1.17.0"}).parent


async def test_an_environment_is_shown_with_what_uses_it(ask, published, write_context, jp_root_dir):
    for notebook in (jp_root_dir / "work" / "a.ipynb", Path("/elsewhere/secret.ipynb")):
        write_context(notebook.stem, {"notebook": str(notebook), "environment": {"id": ENVIRONMENT}})
    shown = (await ask("GET", "environments")).json["environments"]
    assert len(shown) == 1
    check(shown[0], "StoredEnvironment")
    assert (shown[0]["id"], shown[0]["packages"]) == (ENVIRONMENT, 2)
    assert shown[0]["notebooks"] == ["work/a.ipynb"], "places that the server does not serve are not told"
    assert shown[0]["used"]


async def test_an_unused_environment_can_be_deleted(ask, published, write_context):
    write_context(KERNEL, {"environment": {"id": ENVIRONMENT}})  # of a kernel that crashed long ago
    assert (await ask("DELETE", f"environments/{ENVIRONMENT}")).status == 204
    assert not published.exists()
    assert (await ask("DELETE", f"environments/{ENVIRONMENT}")).status == 404


async def test_an_environment_that_a_kernel_runs_from_stays(ask, published):
    kernel = subprocess.Popen(
        [str(published / "b-00000001" / "bin" / "python"), "-c", "input()"], stdin=subprocess.PIPE
    )
    try:
        answer = await ask("DELETE", f"environments/{ENVIRONMENT}")
        assert (answer.status, answer.json["reason"]) == (409, "in-use")
        assert (published / "current.json").exists()
    finally:
        kernel.communicate(b"\n")


def test_a_kernel_that_moved_to_an_environment_uses_it_too():
    """Its process runs the Python of the environment that it started in."""
    uses = [Use(KERNEL, ENVIRONMENT, None, 0.0)]
    started_elsewhere = f"/store/e/other/b-00000001/bin/python launcher.py -f /run/kernel-{KERNEL}.json"
    assert in_use(ENVIRONMENT, uses, [started_elsewhere])
    assert not in_use(ENVIRONMENT, uses, ["/usr/bin/python something else"])


@pytest.fixture
def block():
    """What any Python of this minor can run: one pure wheel."""
    row = wire("block")["lock"]["packages"][2] | {"index": None}
    del row["index"]
    lock = wire("block")["lock"] | {
        "packages": [row],
        "requires-python": f"=={MINOR}.*",
        "spec": EMPTY.spec.digest,
    }
    return {"version": 1, "lock": lock}


async def test_consent_is_given_to_exactly_what_was_shown(ask, envs, block):
    closure = envs.environments.closure(parse_block(block))
    digest = envs.environments.consent_digest(closure)
    other = await ask("POST", "consents", {"digest": "sha256:" + "0" * 64, "block": block})
    assert (other.status, other.json["reason"]) == (409, "closure-changed")
    assert (await ask("GET", "consents")).json == {"consents": []}
    given = await ask("POST", "consents", {"digest": digest, "block": block})
    assert given.status == 201
    check(given.json, "Consent")
    assert (await ask("GET", "consents")).json == {"consents": [given.json]}
    assert (await ask("DELETE", f"consents/{digest}")).status == 204
    assert (await ask("DELETE", f"consents/{digest}")).status == 404
    assert (await ask("GET", "consents")).json == {"consents": []}


async def test_nothing_is_approved_without_a_lock(ask):
    body = {"digest": "sha256:" + "0" * 64, "block": {"version": 1, "dependencies": ["six"]}}
    answer = await ask("POST", "consents", body)
    assert (answer.status, answer.json["reason"]) == (400, "not-locked")


async def test_a_named_kernel_comes_and_goes(ask, jp_create_notebook):
    jp_create_notebook("work/a.ipynb")
    body = {"notebook": "work/a.ipynb", "name": "analysis", "display_name": "My analysis"}
    added = await ask("POST", "kernelspecs", body)
    assert added.status == 201
    check(added.json, "Kernelspec")
    assert added.json["notebook"] == "work/a.ipynb"
    assert (await ask("GET", "kernelspecs")).json == {"kernelspecs": [added.json]}
    assert (await ask("DELETE", "kernelspecs/analysis")).status == 204
    assert (await ask("DELETE", "kernelspecs/analysis")).status == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"notebook": "nowhere.ipynb", "name": "a"}, 422),
        ({"notebook": "../secret.ipynb", "name": "a"}, 422),
        ({"notebook": "a.ipynb", "name": "../a"}, 400),
        ({"notebook": "a.ipynb", "name": "python3"}, 400),
        ({"notebook": "a.ipynb"}, 400),
    ],
)
async def test_a_named_kernel_for_nothing_is_refused(ask, jp_create_notebook, body, status):
    jp_create_notebook("a.ipynb")
    assert (await ask("POST", "kernelspecs", body)).status == status
    assert (await ask("GET", "kernelspecs")).json == {"kernelspecs": []}


async def test_other_peoples_kernelspecs_stay(ask, echo_kernel_spec):
    assert (await ask("DELETE", "kernelspecs/echo")).status == 404


async def test_interpreters_are_named_with_one_default(ask):
    found = (await ask("GET", "interpreters")).json["interpreters"]
    for python in found:
        check(python, "Interpreter")
    assert [python["default"] for python in found].count(True) == 1
