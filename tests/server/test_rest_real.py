"""REST with the real command line behind it, and packages from an index on loopback."""

from __future__ import annotations

import json
import shutil
import time

import nbformat

from .rest import check, until


async def test_from_an_install_to_a_stranger_who_approves_it(index, envs, ask, finished, jp_root_dir):
    installed = await finished({"action": "install", "notebook": "a.ipynb", "args": {"packages": ["demo"]}})
    assert installed["state"] == "done", installed["error"]
    assert installed["changed"]["demo"] == [None, "2.0"]
    block = installed["result"]["block"]
    assert not (jp_root_dir / "a.ipynb").exists(), "the front end writes the document, not the server"

    made = nbformat.v4.new_notebook(metadata={"jupyter_envs": block})
    (jp_root_dir / "a.ipynb").write_text(nbformat.writes(made))
    ready = (await ask("GET", "notebooks/a.ipynb")).json
    check(ready, "Notebook")
    assert ready["status"]["state"] == "ready"
    stored = (await ask("GET", "environments")).json["environments"]
    assert [environment["id"] for environment in stored] == [ready["status"]["environment"]["id"]]

    shutil.rmtree(envs.core.home)  # the file goes to somebody else
    foreign = (await ask("GET", "notebooks/a.ipynb")).json
    check(foreign, "Notebook")
    assert foreign["status"]["state"] == "not-built"
    refused = await finished({"action": "build", "notebook": "a.ipynb", "block": block})
    assert (refused["state"], refused["error"]["code"]) == ("failed", "consent-needed")
    digest = refused["error"]["data"]["digest"]
    assert digest == foreign["status"]["consent"]["digest"]
    built = await finished({"action": "build", "notebook": "a.ipynb", "block": block, "args": {"accept": digest}})
    assert built["state"] == "done", built["error"]
    assert (await ask("GET", "notebooks/a.ipynb")).json["status"]["state"] == "ready"
    assert [consent["digest"] for consent in (await ask("GET", "consents")).json["consents"]] == [digest]


async def test_an_unknown_package_is_one_sentence(index, finished):
    job = await finished({"action": "install", "args": {"packages": ["no-such-package-here"]}})
    assert job["state"] == "failed"
    assert "no-such-package-here" in job["error"]["sentence"]
    assert "\n" not in job["error"]["sentence"]
    assert "Traceback" not in json.dumps(job)


async def test_cancel_while_the_index_hangs(index, ask, envs):
    index.faults[".*"] = "hang"
    started = (await ask("POST", "jobs", {"action": "install", "args": {"packages": ["demo"]}})).json
    journal = envs.core.home / "jobs" / started["id"] / "journal.jsonl"
    await until(lambda: index.hits and journal.stat().st_size, 60)
    asked = time.time()
    assert (await ask("DELETE", f"jobs/{started['id']}")).status == 204
    assert journal.stat().st_mtime - asked < 3, "2 s are allowed (tests/test_jobs.py); this machine may be busy"
    job = (await ask("GET", f"jobs/{started['id']}")).json
    check(job, "Job")
    assert job["state"] == "cancelled"
    assert (await ask("GET", "environments")).json == {"environments": []}
