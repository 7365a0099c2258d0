"""Jobs are started, watched and cancelled over REST; events only say that there is something to look at."""

from __future__ import annotations

import asyncio
import json
import shutil

import pytest

from jupyter_envs.server.job_board import JobBoard

from .fake_jobs import ScriptedJobs
from .rest import check, until, wire

PHASE = {"event": "phase", "phase": "install", "text": "Installing six"}
PROGRESS = {"event": "progress", "phase": "install", "done": 1, "total": 3}
PLAN = {"event": "plan", "changed": {"six": [None, "1.17.0"]}}
DONE = {"event": "done", "result": wire("job-done")["result"]}
INSTALL = wire("post-job") | {"kernel": None}


@pytest.fixture
def scripted(envs, tmp_path):
    started = []

    def use(*lines):
        jobs = ScriptedJobs(envs.core, tmp_path, lines)
        started.append(jobs)
        envs.jobs.stop()
        envs.jobs = JobBoard(jobs, envs.announcer, envs._job_is_activity, envs._job_ended)
        return jobs

    yield use
    for jobs in started:
        jobs.end()


async def test_a_job_from_start_to_end(ask, envs, scripted, events):
    jobs = scripted(PLAN, PHASE, PROGRESS, {"wait": "go"}, DONE)
    started = await ask("POST", "jobs", INSTALL)
    assert started.status == 201
    check(started.json, "Job")
    assert started.json["state"] == "running"
    job_id = started.json["id"]
    assert jobs.asked[0][:5] == ["install", "--block", "-", "--journal", "-"]
    assert jobs.asked[0][-1] == "six"
    assert envs.current_activity() == 1

    running = started
    while not (running.json["progress"] or {}).get("done"):
        running = await ask("GET", f"jobs/{job_id}")
    check(running.json, "Job")
    assert running.json["progress"] == {
        "phase": "install",
        "text": "Installing six",
        "done": 1,
        "total": 3,
        "fetched": [0, 0],
    }
    assert running.json["changed"] == {"six": [None, "1.17.0"]}

    jobs.go("go")
    await until(lambda: {"what": "job", "id": job_id, "state": "done"} in events)
    done = await ask("GET", f"jobs/{job_id}")
    check(done.json, "Job")
    assert done.json["state"] == "done"
    assert done.json["result"]["block"] == wire("block")
    assert done.json["progress"] is None
    assert (await ask("GET", "jobs")).json["jobs"] == [done.json]
    assert envs.current_activity() == 0
    built = {"what": "environment", "id": done.json["result"]["environment"]["id"], "state": "built"}
    assert built in events


async def test_events_hold_no_paths_and_no_names(ask, scripted, events):
    scripted(PHASE, DONE)
    job_id = (await ask("POST", "jobs", INSTALL)).json["id"]
    await until(lambda: {"what": "job", "id": job_id, "state": "done"} in events)
    assert {key for event in events for key in event} == {"what", "id", "state"}
    assert not any("/" in value or "six" in value for event in events for value in event.values())


async def test_a_job_can_be_cancelled(ask, scripted, events):
    scripted(PHASE, {"wait": "never"}, DONE)
    job_id = (await ask("POST", "jobs", INSTALL)).json["id"]
    assert (await ask("DELETE", f"jobs/{job_id}")).status == 204
    cancelled = await ask("GET", f"jobs/{job_id}")
    check(cancelled.json, "Job")
    assert cancelled.json["state"] == "cancelled"
    assert cancelled.json["ended"]
    await until(lambda: {"what": "job", "id": job_id, "state": "cancelled"} in events)
    assert (await ask("DELETE", f"jobs/{job_id}")).status == 204, "a second click does no harm"


@pytest.mark.parametrize("name", ["job-failed", "job-consent-needed", "job-needs-build"])
async def test_a_failed_job_says_what_the_command_line_would_say(ask, scripted, events, name):
    error = wire(name)["error"]
    scripted(PHASE, {"event": "failed", "error": error})
    job_id = (await ask("POST", "jobs", INSTALL)).json["id"]
    await until(lambda: {"what": "job", "id": job_id, "state": "failed"} in events)
    failed = await ask("GET", f"jobs/{job_id}")
    check(failed.json, "Job")
    assert failed.json["error"] == error


async def test_a_job_that_dies_without_a_word_is_interrupted(ask, scripted, events):
    scripted(PHASE)
    job_id = (await ask("POST", "jobs", INSTALL)).json["id"]
    await until(lambda: {"what": "job", "id": job_id, "state": "interrupted"} in events)
    job = (await ask("GET", f"jobs/{job_id}")).json
    check(job, "Job")
    assert job["error"]["hint"] == "Start it again."


async def test_what_looked_interrupted_is_looked_at_again(ask, scripted, envs, events):
    scripted(PHASE)
    job_id = (await ask("POST", "jobs", INSTALL)).json["id"]
    await until(lambda: {"what": "job", "id": job_id, "state": "interrupted"} in events)
    with (envs.core.home / "jobs" / job_id / "journal.jsonl").open("a") as journal:
        journal.write(json.dumps(DONE) + "\n")
    assert (await ask("GET", f"jobs/{job_id}")).json["state"] == "done"


async def test_a_job_whose_folder_went_is_forgotten(ask, scripted, envs, events):
    scripted(PHASE, DONE)
    job_id = (await ask("POST", "jobs", INSTALL)).json["id"]
    await until(lambda: {"what": "job", "id": job_id, "state": "done"} in events)
    assert len((await ask("GET", "jobs")).json["jobs"]) == 1
    shutil.rmtree(envs.core.home / "jobs" / job_id)
    assert (await ask("GET", "jobs")).json["jobs"] == []
    assert envs.jobs._past == {}


async def test_the_last_change_can_be_taken_back(ask, scripted):
    jobs = scripted(DONE)
    assert (await ask("POST", "jobs", {"action": "undo", "block": wire("block")})).status == 201
    assert jobs.asked[0][0] == "undo"
    refused = await ask("POST", "jobs", {"action": "undo", "args": {"packages": ["six"]}})
    assert (refused.status, refused.json["reason"]) == (400, "bad-request")


async def test_the_next_server_knows_the_jobs_of_the_one_before(ask, envs, scripted, events):
    jobs = scripted(PHASE, {"wait": "go"}, DONE)
    job_id = (await ask("POST", "jobs", INSTALL)).json["id"]
    envs.jobs.stop()
    envs.jobs = JobBoard(jobs, envs.announcer, envs._job_is_activity, envs._job_ended)
    await envs.jobs.resume()
    assert envs.jobs.running == {job_id}
    jobs.go("go")
    await until(lambda: {"what": "job", "id": job_id, "state": "done"} in events)


async def test_a_kernel_tells_its_running_job(ask, scripted, new_session, write_context, events):
    kernel_id = (await new_session("work/a.ipynb"))["kernel"]["id"]
    write_context(kernel_id, {"block": wire("block-before")})
    jobs = scripted(PHASE, {"wait": "go"}, DONE)
    job_id = (await ask("POST", "jobs", wire("post-job") | {"kernel": kernel_id})).json["id"]
    state = await ask("GET", f"kernels/{kernel_id}")
    check(state.json, "Kernel")
    assert state.json["job"]["id"] == job_id
    jobs.go("go")
    await until(lambda: {"what": "job", "id": job_id, "state": "done"} in events)
    assert (await ask("GET", f"kernels/{kernel_id}")).json["job"] is None


async def ended(job_id, events):
    ends = [{"what": "job", "id": job_id, "state": state} for state in ("done", "failed")]
    await until(lambda: any(end in events for end in ends))


@pytest.mark.parametrize("end", [DONE, {"event": "failed", "error": wire("job-failed")["error"]}])
async def test_how_a_job_ended_is_told_until_a_page_has_shown_it(
    ask, envs, scripted, new_session, write_context, jp_create_notebook, events, end
):
    """The page was reloaded or closed; the notebook is opened again with the same kernel, another one, or none."""
    jp_create_notebook("work/a.ipynb")
    kernel_id = (await new_session("work/a.ipynb"))["kernel"]["id"]
    write_context(kernel_id, {"block": wire("block-before")})
    jobs = scripted(end)
    job_id = (await ask("POST", "jobs", wire("post-job") | {"kernel": kernel_id})).json["id"]
    await ended(job_id, events)
    job = (await ask("GET", f"jobs/{job_id}")).json
    for place in (f"kernels/{kernel_id}", "notebooks/work/a.ipynb"):
        told = (await ask("GET", place)).json
        assert (told["job"], told["waiting"]) == (None, {"job": job, "before": wire("block-before")})

    envs.jobs = JobBoard(jobs, envs.announcer, envs._job_is_activity, envs._job_ended)
    await envs.jobs.resume()
    assert (await ask("GET", "notebooks/work/a.ipynb")).json["waiting"]["job"] == job, "the next server tells it, too"

    assert (await ask("POST", f"jobs/{job_id}/seen", {})).status == 204
    assert (await ask("POST", f"jobs/{job_id}/seen", {})).status == 204, "two windows may have shown it"
    for place in (f"kernels/{kernel_id}", "notebooks/work/a.ipynb"):
        assert (await ask("GET", place)).json["waiting"] is None


async def test_of_several_the_oldest_is_told_first(ask, scripted, jp_create_notebook, events):
    jp_create_notebook("work/a.ipynb")
    scripted(DONE)
    ids = []
    for _ in range(2):
        ids.append((await ask("POST", "jobs", INSTALL)).json["id"])
        await ended(ids[-1], events)
    for job_id in sorted(ids):
        assert (await ask("GET", "notebooks/work/a.ipynb")).json["waiting"]["job"]["id"] == job_id
        await ask("POST", f"jobs/{job_id}/seen", {})


async def test_a_notebook_without_a_kernel_tells_its_running_job(ask, scripted, jp_create_notebook):
    jp_create_notebook("work/a.ipynb")
    scripted(PHASE, {"wait": "never"})
    job_id = (await ask("POST", "jobs", INSTALL)).json["id"]
    assert (await ask("GET", "notebooks/work/a.ipynb")).json["job"]["id"] == job_id
    await ask("DELETE", f"jobs/{job_id}")
    assert (await ask("GET", "notebooks/work/a.ipynb")).json["job"] is None


async def test_what_a_notebook_without_a_kernel_installed_waits_until_it_is_saved(
    ask, scripted, jp_root_dir, jp_create_notebook, events
):
    """The page that has it may be closed, and nobody else would."""
    jp_create_notebook("work/a.ipynb")
    scripted(DONE)
    body = INSTALL | {"block": None}
    job_id = (await ask("POST", "jobs", body)).json["id"]
    await ended(job_id, events)
    await ask("POST", f"jobs/{job_id}/seen", {})
    place = jp_root_dir / "work" / "a.ipynb"
    pending = {"before": None, "block": wire("block")}
    while (await ask("GET", "notebooks/work/a.ipynb")).json["pending"] != pending:
        await asyncio.sleep(0.02)
    saved = json.loads(place.read_text())
    saved["metadata"]["jupyter_envs"] = wire("block")
    place.write_text(json.dumps(saved))
    assert (await ask("GET", "notebooks/work/a.ipynb")).json["pending"] is None


async def test_a_stand_in_for_the_base_environment_tells_the_job_that_builds_it(
    ask, envs, scripted, new_session, write_context
):
    kernel_id = (await new_session("a.ipynb"))["kernel"]["id"]
    write_context(kernel_id, {"base": True, "standin": True})
    scripted(PHASE, {"wait": "never"})
    job = (await ask("POST", "jobs", {"action": "build"})).json
    assert (await ask("GET", f"kernels/{kernel_id}")).json["job"]["id"] == job["id"]


async def test_what_was_accepted_and_allowed_reaches_the_job(ask, scripted):
    jobs = scripted(DONE)
    body = wire("post-job-build")
    body["args"]["allow_build"] = ["Hydra_Core"]
    assert (await ask("POST", "jobs", body)).status == 201
    assert jobs.consents == [body["args"]["accept"]]
    assert "--allow-build hydra-core" in " ".join(jobs.asked[0])


BAD = [
    ({"action": "install"}, 422, "req-empty"),
    ({"action": "install", "args": {"packages": ["--index-url=http://evil"]}}, 422, "req-option-or-path"),
    ({"action": "install", "args": {"packages": ["./here"]}}, 422, "req-option-or-path"),
    ({"action": "install", "args": {"packages": ["/etc"]}}, 422, "req-option-or-path"),
    ({"action": "install", "args": {"packages": ["six @ file:///etc"]}}, 422, "req-direct-url"),
    ({"action": "install", "args": {"packages": ["file:///etc"]}}, 422, "req-syntax"),
    ({"action": "install", "args": {"packages": ["numpy >"]}}, 422, "req-syntax"),
    ({"action": "install", "args": {"packages": ["six-1.whl"]}}, 422, "req-option-or-path"),
    ({"action": "install", "args": {"packages": ["../my folder"]}}, 422, "req-option-or-path"),
    ({"action": "install", "args": {"packages": ["six @ FILE:///etc"]}}, 422, "req-address"),
    ({"action": "install", "args": {"packages": ["git+https://h.example/six -e ."]}}, 422, "req-metachar"),
    ({"action": "remove", "args": {"packages": ["-r"]}}, 422, "package-name"),
    ({"action": "build", "args": {"packages": ["six"]}}, 400, "bad-request"),
    ({"action": "build", "args": {"allow_build": ["-x"]}}, 422, "package-name"),
    ({"action": "build", "args": {"accept": "yes"}}, 400, "bad-request"),
    ({"action": "python"}, 400, "bad-request"),
    ({"action": "python", "args": {"python": "/usr/bin/python3"}}, 422, "python-spec"),
    ({"action": "run"}, 400, "bad-request"),
    ({"action": "lock", "kernel": "1f0e5c52-4b0f-4f0c-9d0f-6a5d0f3c2b1a"}, 404, "kernel-unknown"),
    ({"action": "lock", "block": {"version": 1, "dependencies": ["-r x"]}}, 422, "req-option-or-path"),
]


@pytest.mark.parametrize(("body", "status", "reason"), BAD)
async def test_what_makes_no_sense_starts_nothing(ask, scripted, body, status, reason):
    jobs = scripted(DONE)
    answer = await ask("POST", "jobs", body)
    assert (answer.status, answer.json["reason"]) == (status, reason)
    check(answer.json, "Refusal")
    assert jobs.asked == []


async def test_addresses_of_packages_are_understood(ask, scripted):
    jobs = scripted(DONE)
    words = ["git+https://example.org/x.git@v1", "x @ https://example.org/x-1.0.zip ; os_name == 'nt'", "Six >= 1"]
    assert (await ask("POST", "jobs", {"action": "install", "args": {"packages": words}})).status == 201
    assert jobs.asked[0][-3:] == [*words[:2], "six>=1"]


async def test_an_unknown_job_is_not_found(ask):
    answer = await ask("GET", "jobs/20261121T090000-k3jq7x2m")
    assert (answer.status, answer.json["reason"]) == (404, "job-unknown")
