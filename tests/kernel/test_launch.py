"""Deciding what to start, without starting it."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from jupyter_envs.environments.status import Unseen
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import StoreError
from jupyter_envs.launch.decision import KernelStart, decide, launch_standin
from jupyter_envs.launch.launch import CONTEXT, TROUBLE, USERS_PATH, Launch, Spawn, keep, without_home
from jupyter_envs.launch.provisioner import asked_of_jupyter
from jupyter_envs.notebook.settled import SETTLING
from jupyter_envs.settings import Settings

from .real import write_notebook

STATUS = [*json.loads((Path(__file__).parents[1] / "wire" / "status-ready.json").read_text())]


def state_of(launch: Launch) -> str | None:
    return launch.status.state if launch.status else None


def test_a_notebook_that_is_just_being_saved_is_read_when_it_is_whole(settings: Settings, tmp_path: Path) -> None:
    whole = write_notebook(tmp_path / "whole.ipynb").read_text()
    notebook = tmp_path / "a.ipynb"
    notebook.write_text("")
    saving = threading.Timer(0.3, notebook.write_text, [whole])
    saving.start()
    launch = decide(KernelStart("k", notebook), settings)
    saving.join()
    assert launch.status and launch.status.state != "invalid", launch.status


def test_a_notebook_that_stays_empty_is_said_to_be_none(settings: Settings, tmp_path: Path) -> None:
    notebook = tmp_path / "a.ipynb"
    notebook.write_text("")
    assert state_of(decide(KernelStart("k", notebook), settings)) == "invalid"
    os.utime(notebook, (time.time() - 60,) * 2)
    started = time.monotonic()
    assert state_of(decide(KernelStart("k", notebook), settings)) == "invalid"
    assert time.monotonic() - started < SETTLING, "an old file is not waited for"


# -- what the context file says of the state ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "state", "sentence", "code"),
    [
        (
            None,
            "looking",
            "jupyter-envs is still checking whether this notebook's environment is on this machine.",
            None,
        ),
        (OSError("no store"), "failed", "OSError: no store", None),
        (
            StoreError("home-unusable", "The disk does not answer."),
            "failed",
            "The disk does not answer.",
            "home-unusable",
        ),
    ],
)
def test_where_nobody_could_look_it_says_why_and_no_more(
    settings: Settings, error: Exception | None, state: str, sentence: str, code: str | None
) -> None:
    launch = launch_standin(KernelStart("k", None), settings, error)
    told = launch.context()["status"]
    assert list(told) == ["state", "sentence", "error"]
    assert (told["state"], told["sentence"]) == (state, sentence)
    assert (told["error"] or {}).get("code") == code
    trouble = json.loads(launch.how("c.json", {}, settings).environ[TROUBLE])
    assert trouble == {"sentence": sentence, "hint": (told["error"] or {}).get("hint", "")}


def test_of_a_kernel_that_died_it_says_all_there_is_and_how_it_died(base: Environments) -> None:
    for again in (False, True, True):
        launch = decide(KernelStart("k", None, again=again), base.here.settings)
        keep(launch, base.here.settings)
        if launch.lease:
            launch.lease.close()
    assert launch.standin and state_of(launch) == "failed"
    told = json.loads((base.here.settings.home / "kernels" / "k.json").read_text())["status"]
    assert list(told) == STATUS
    assert (told["state"], told["error"]["code"]) == ("failed", "kernel-died")
    assert told["sentence"] == told["error"]["sentence"]


def test_of_a_base_environment_that_is_not_there_it_says_so(settings: Settings) -> None:
    told = decide(KernelStart("k", None), settings).context()["status"]
    assert list(told) == STATUS
    assert (told["state"], told["sentence"]) == ("no-block", "The base environment is not built yet.")


def test_a_start_says_how_and_with_what(settings: Settings) -> None:
    environment = {"python": "/env/bin/python", "prefix": "/env", "bin": "/env/bin"}
    outside = {"PATH": "/usr/bin", "PYTHONPATH": "/theirs", "HOME": "/me"}
    how = Launch("k", environment=environment).how("c.json", outside, settings)
    assert isinstance(how, Spawn) and how.argv[0] == "/env/bin/python" and how.argv[-2:] == ("-f", "c.json")
    assert how.environ["PATH"] == f"/env/bin{os.pathsep}/usr/bin" and how.environ["HOME"] == "/me"
    assert "PYTHONPATH" not in how.environ and how.environ[CONTEXT].endswith("k.json")
    assert how.environ[USERS_PATH] == "/theirs"
    assert asked_of_jupyter(how, ["--x"]) == {"cmd": [*how.argv, "--x"], "env": how.environ}


def test_without_an_environment_the_stand_in_is_started_the_same_way(settings: Settings) -> None:
    how = Launch("k", status=Unseen("not-built", "Not built.")).how("c.json", {"PYTHONPATH": "/theirs"}, settings)
    assert not {"PYTHONPATH", USERS_PATH} & how.environ.keys()
    blind = without_home(OSError("gone"), "c.json", {CONTEXT: "of another", "PYTHONPATH": "/theirs"})
    assert "PYTHONPATH" not in blind.environ
    assert how.argv == blind.argv and how.argv[0] == sys.executable
    assert "Not built." in how.environ[TROUBLE] and "gone" in blind.environ[TROUBLE]
    assert CONTEXT in how.environ and CONTEXT not in blind.environ
