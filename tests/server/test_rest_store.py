"""Environments, consents, kernelspecs and interpreters over REST."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from jupyter_envs.model.block import EMPTY, parse_block
from jupyter_envs.store import uses
from jupyter_envs.system.leases import hold

from ..stores import publish as publish_pointer
from .environments import publish
from .rest import check, until, wire

ENVIRONMENT = "aaaabbbbccccddddeeeeffff22"
OLD = "bbbbccccddddeeeeffffgggg33"
MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def published(envs):
    """An environment in the store, as a build leaves it."""
    return publish(envs.core, ENVIRONMENT, {"ipykernel": "7.4.0", "six": "1.17.0"}).parent


async def test_an_environment_is_shown_with_what_uses_it(ask, envs, published, jp_root_dir):
    for number, path in enumerate(
        (jp_root_dir / "b.ipynb", Path("/elsewhere/secret.ipynb"), jp_root_dir / "work" / "a.ipynb")
    ):
        uses.remember(envs.core.home, ENVIRONMENT, path, 1_895_251_600.0 + number)
    publish_pointer(envs.core, OLD, at=1_795_251_600.0, own=300, shared=5000)
    (envs.core.store / "v1" / "e" / OLD / "b-00000001" / "bin" / "python").unlink()
    shown = (await ask("GET", "environments")).json["environments"]
    for environment in shown:
        check(environment, "StoredEnvironment")
    assert [environment["id"] for environment in shown] == [ENVIRONMENT, OLD], "the last used first"
    assert shown[0]["packages"] == 2
    assert shown[0]["notebooks"] == ["work/a.ipynb", "b.ipynb"], "places that the server does not serve are not told"
    assert [shown[1][key] for key in ("own", "shared", "state", "running")] == [300, 5000, "stale-python", False]


@pytest.fixture
def shared(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_ENVS_SHARED_STORES", str(tmp_path / "shared"))
    return tmp_path / "shared"


async def test_one_of_a_shared_store_is_shown_and_stays(shared, ask, envs):
    folder = publish_pointer(replace(envs.core, store=shared), OLD)
    assert [e["mine"] for e in (await ask("GET", "environments")).json["environments"]] == [False]
    answer = await ask("DELETE", f"environments/{OLD}")
    assert (answer.status, answer.json["reason"]) == (409, "not-mine")
    assert folder.exists()


async def test_an_unused_environment_can_be_deleted(ask, published):
    assert (await ask("DELETE", f"environments/{ENVIRONMENT}")).status == 204
    assert not published.exists()
    assert (await ask("DELETE", f"environments/{ENVIRONMENT}")).status == 404


async def test_an_environment_that_a_kernel_runs_from_stays(ask, published):
    (published / "lease").touch()
    with hold(published / "lease"):
        assert (await ask("GET", "environments")).json["environments"][0]["running"]
        answer = await ask("DELETE", f"environments/{ENVIRONMENT}")
        assert (answer.status, answer.json["reason"]) == (409, "in-use")
        assert (published / "current.json").exists()
    assert (await ask("DELETE", f"environments/{ENVIRONMENT}")).status == 204


async def test_cleaning_is_a_job_that_announces_what_went(ask, envs, events):
    publish_pointer(envs.core, OLD, at=1_695_251_600.0)
    told = await ask("POST", "jobs", {"action": "gc", "args": {"days": 30, "dry_run": True}})
    result = (await ended(ask, told.json["id"]))["result"]
    assert (result["environments"], result["dry_run"]) == ([OLD], True)
    started = await ask("POST", "jobs", {"action": "gc", "args": {"days": 30}})
    done = await ended(ask, started.json["id"])
    check(done, "AnyJob")
    assert done["result"]["environments"] == [OLD]
    await until(lambda: {"what": "environment", "id": OLD, "state": "deleted"} in events)
    assert (await ask("GET", "environments")).json == {"environments": []}


async def test_verifying_is_a_job(ask, envs, published, events):
    started = await ask("POST", "jobs", {"action": "verify", "args": {"environment": ENVIRONMENT}})
    done = await ended(ask, started.json["id"])
    check(done, "AnyJob")
    well = {"id": ENVIRONMENT, "damage": [], "withdrawn": False}
    assert done["result"] == {"environments": [well], "damaged": 0}
    everything = await ask("POST", "jobs", {"action": "verify"})
    assert (await ended(ask, everything.json["id"]))["result"]["environments"] == [well]


@pytest.mark.parametrize(
    "body",
    [
        {"action": "gc", "args": {"days": -1}},
        {"action": "gc", "args": {"environment": ENVIRONMENT}},
        {"action": "gc", "args": {"packages": ["six"]}},
        {"action": "install", "args": {"packages": ["six"], "days": 3}},
        {"action": "verify", "args": {"environment": "--all"}},
        {"action": "verify", "args": {"environment": ENVIRONMENT}, "block": {"version": 1}},
    ],
)
async def test_a_cleaning_that_makes_no_sense_is_refused(ask, body):
    assert (await ask("POST", "jobs", body)).status == 400


async def ended(ask, job_id):
    """The job, once it has ended."""
    job = {"state": "running"}
    while job["state"] == "running":
        job = (await ask("GET", f"jobs/{job_id}")).json
    return job


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
    closure = envs.environments.here.closure(parse_block(block).lock)
    digest = envs.environments.here.consent_digest(closure)
    other = await ask("POST", "consents", {"digest": "sha256:" + "0" * 64, "block": block})
    assert (other.status, other.json["reason"]) == (409, "closure-changed")
    check(other.json["error"]["data"], "Proposal")
    assert other.json["error"]["data"]["digest"] == digest
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
